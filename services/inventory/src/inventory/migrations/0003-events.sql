-- What happened, and who must be told. The notification table is the queue.

create table event (
    id uuid not null default gen_random_uuid() constraint event_pkey primary key,
    number bigint generated always as identity constraint event_number_key unique,  -- their order
    user_id text not null constraint event_user_id check (user_id ~ '\S' and char_length(user_id) <= 200),
    description text not null constraint event_description check (char_length(description) <= 10000),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index event_user_id_index on event (user_id, number);

create table notification (
    id bigint generated always as identity constraint notification_pkey primary key,
    event_id uuid not null constraint notification_event_id_fkey references event on delete restrict,
    channel text not null constraint notification_channel check (channel = 'log'),
    state text not null default 'pending'
        constraint notification_state check (state in ('pending', 'delivered', 'dead', 'cancelled')),
    attempts integer not null default 0 constraint notification_attempts check (attempts >= 0),
    queued_at timestamptz not null default now(),
    due_at timestamptz not null default now(),  -- of one in a worker's hands: when that worker's lease ends
    last_error text,
    finished_at timestamptz,
    constraint notification_event_id_channel_key unique (event_id, channel),
    constraint notification_finished_at check ((state = 'pending') = (finished_at is null))
)
with (autovacuum_vacuum_scale_factor = 0.01, fillfactor = 80);
create index notification_due_index on notification (due_at, id) where state = 'pending';
create index notification_dead_index on notification (id) where state = 'dead';

-- The status is not stored, so that it cannot drift from what was delivered. An event is processed once nobody is
-- left to tell and somebody was told, or a person closed it. Dead letters alone leave it unprocessed.
create view event_with_status as
select
    event.id,
    event.number,
    event.user_id,
    event.description,
    event.created_at,
    event.updated_at,
    case when told.processed then 'Processed' else 'NotProcessed' end as status
from event
cross join lateral (
    select bool_or(state in ('delivered', 'cancelled')) and not bool_or(state = 'pending') as processed
    from notification
    where notification.event_id = event.id
) as told;

create function represent(it event_with_status) returns json language sql stable parallel safe
return json_build_object(
    'id', it.id, 'user_id', it.user_id, 'description', it.description, 'status', it.status,
    'created_at', rfc3339(it.created_at), 'updated_at', rfc3339(it.updated_at)
);

create function legacy(it event_with_status) returns json language sql stable parallel safe
return json_build_object(
    'event_id', it.id, 'user_id', it.user_id, 'description', it.description, 'status', it.status
);

create function represent(it notification) returns json language sql stable parallel safe
return json_build_object(
    'id', it.id, 'event_id', it.event_id, 'channel', it.channel, 'state', it.state, 'attempts', it.attempts,
    'queued_at', rfc3339(it.queued_at), 'due_at', rfc3339(it.due_at), 'last_error', it.last_error,
    'finished_at', rfc3339(it.finished_at)
);
