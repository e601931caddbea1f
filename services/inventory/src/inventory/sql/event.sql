-- Events: what happened.

-- name: page
select number, represent(event_with_status)::text
from event_with_status
where number > %(after)s
    and (%(status)s::text is null or status = %(status)s)
    and (%(user_id)s::text is null or user_id = %(user_id)s)
order by number
limit %(rows)s

-- name: get
select represent(event_with_status)::text from event_with_status where id = %(id)s

-- name: create
-- One statement, so that no event is without its notification.
with new as (
    insert into event (user_id, description) values (%(user_id)s, %(description)s) returning id
),
queued as (
    insert into notification (event_id, channel) select id, 'log' from new
)
select id from new

-- name: update
update event
set user_id = coalesce(%(user_id)s, user_id), description = coalesce(%(description)s, description), updated_at = now()
where id = %(id)s
returning id

-- name: close
-- By hand: nobody is told any more.
update notification
set state = 'cancelled', finished_at = now()
where event_id = %(id)s and state in ('pending', 'dead')

-- name: reopen
-- What is pending already stays as it is: a worker may have it in hand.
update notification
set state = 'pending', attempts = 0, queued_at = now(), due_at = now(), last_error = null, finished_at = null
where event_id = %(id)s and state <> 'pending'

-- name: legacy_list
select coalesce(json_agg(legacy(event_with_status) order by number), '[]')::text from event_with_status

-- name: legacy_get
select legacy(event_with_status)::text from event_with_status where id = %(id)s
