-- How far the lists of events and of notifications are settled: up to a number below which no row can come any more.
--
-- A number is taken before its row is committed, and later numbers may be committed first. Each transaction that takes
-- numbers announces it by a lock (migration 0008). What is listed up to the settled number, by a statement that begins
-- later, is complete and stays so. A transaction that has run for a minute is waited for no longer.

-- fragment: settled
-- The last number must be read before the locks, so these depend on it.
select coalesce(announced.before, taken.last)
from taken
cross join lateral (
    select min(taken.last - ((taken.last - held.objid::bigint) & 4294967295)) as before
    from pg_locks as held
    join pg_stat_activity as activity on activity.pid = held.pid
    where held.locktype = 'advisory'
        and held.database = (select oid from pg_database where datname = current_database())
        and held.classid = taken.kind
        and held.objsubid = 2
        and activity.xact_start > now() - interval '1 minute'
    offset 0
) as announced

-- name: events
with taken as materialized (
    select
        'inventory.event'::regclass as kind,
        greatest(last_value - (not is_called)::integer, (select max(number) from inventory.event)) as last
    from inventory.event_number_seq
)
{settled}

-- name: notifications
with taken as materialized (
    select
        'inventory.notification'::regclass as kind,
        greatest(last_value - (not is_called)::integer, (select max(id) from inventory.notification)) as last
    from inventory.notification_id_seq
)
{settled}
