-- What the pages of events show of their notifications.

-- name: of_event
select
    id, event_id, channel, state, attempts, queued_at, case state when 'pending' then due_at end, last_error, finished_at
from inventory.notification
where event_id = %(id)s
order by id

-- name: states
-- The states of the notifications of each event.
select event_id, array_agg(state order by id)
from inventory.notification
where event_id = any (%(ids)s::uuid[])
group by event_id

-- name: user_ids
-- The different users of events, in order. Each step reads one entry of the index of a user's events, so that the cost
-- does not grow with the number of events. `rows` is one more than a form offers.
with recursive named as (
    select min(user_id) as user_id, 1 as position from inventory.event
    union all
    select (select min(event.user_id) from inventory.event where event.user_id > named.user_id), named.position + 1
    from named
    where named.user_id is not null and named.position < %(rows)s
)
select user_id from named where user_id is not null
