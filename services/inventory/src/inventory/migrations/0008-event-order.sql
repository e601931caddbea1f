-- For those who read events and notifications on from where they were: which numbers may still come. And the number of the
-- event in each notification that is open, for the list of the events that are not processed (its index: 0011).

-- A number is taken before its row is committed, and a later number may be committed first. Whoever inserts announces
-- that by a lock which delays nobody and ends with the transaction: its key is the table and the last number that was
-- taken before. sql/settled.sql finds it in pg_locks.
create function announce_numbers() returns trigger
language plpgsql set search_path from current as $$
declare
    last_number bigint;
begin
    if tg_table_name = 'event' then
        select last_value - (not is_called)::integer into last_number from event_number_seq;
    else
        select last_value - (not is_called)::integer into last_number from notification_id_seq;
    end if;
    perform pg_advisory_xact_lock_shared(tg_relid::bigint::bit(32)::integer, last_number::bit(32)::integer);
    return null;
end $$;

create trigger announce_numbers before insert on event for each statement execute function announce_numbers();
create trigger announce_numbers before insert on notification for each statement execute function announce_numbers();

-- The number of the event, of each notification that is or was pending or dead since this file ran; 0009 sets it for
-- those that were before.
alter table notification add column event_number bigint;

create function set_event_number() returns trigger
language plpgsql set search_path from current as $$
begin
    select event.number into new.event_number from event where event.id = new.event_id;
    return new;
end $$;

create trigger set_event_number before insert or update of state on notification
for each row when (new.event_number is null) execute function set_event_number();
