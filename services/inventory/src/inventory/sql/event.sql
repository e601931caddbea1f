-- Events: what happened.

-- fragment: representation
-- How it is answered under /v1.
json_build_object(
    'id', event.id, 'user_id', event.user_id, 'description', event.description, 'status', event.status,
    'created_at', to_char(event.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'updated_at', to_char(event.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)

-- fragment: legacy
-- How it is answered at its original path.
json_build_object(
    'event_id', event.id, 'user_id', event.user_id, 'description', event.description, 'status', event.status
)

-- name: page
select number, {representation}::text
from inventory.event_with_status as event
where number > %(after)s
    and (%(status)s::text is null or status = %(status)s)
    and (%(user_id)s::text is null or user_id = %(user_id)s)
order by number
limit %(rows)s

-- name: get
select {representation}::text from inventory.event_with_status as event where id = %(id)s

-- name: create
-- One statement, so that no event is without its notification.
with new as (
    insert into inventory.event (user_id, description) values (%(user_id)s, %(description)s) returning id
),
queued as (
    insert into inventory.notification (event_id, channel) select id, 'log' from new
)
select id from new

-- name: update
update inventory.event
set user_id = coalesce(%(user_id)s, user_id), description = coalesce(%(description)s, description), updated_at = now()
where id = %(id)s
returning id

-- name: close
-- By hand: nobody is told any more. What a worker has in hand is under no lease from here on.
update inventory.notification
set state = 'cancelled', lease = null, finished_at = now()
where event_id = %(id)s and state in ('pending', 'dead')

-- name: reopen
-- A worker that has the event in hand may be telling its text of before: that lease ends, and it is told again. What
-- waits already keeps its place in time.
update inventory.notification
set
    state = 'pending', attempts = 0, failures = 0, due_at = now(), scheduled_at = now(), lease = null, last_error = null,
    finished_at = null,
    queued_at = case state when 'pending' then queued_at else now() end
where event_id = %(id)s

-- name: legacy_list
select coalesce(json_agg({legacy} order by number), '[]')::text from inventory.event_with_status as event

-- name: legacy_get
select {legacy}::text from inventory.event_with_status as event where id = %(id)s
