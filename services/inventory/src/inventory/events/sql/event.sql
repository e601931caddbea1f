-- Events, and what a change of an event does to its notifications.

-- fragment: json
-- The response under /v1.
json_build_object(
    'id', event.id, 'user_id', event.user_id,
    'account_id', (select account.id from inventory.account where lower(account.username) = lower(event.user_id)),
    'description', event.description, 'status', event.status,
    'created_at', to_char(event.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'updated_at', to_char(event.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)

-- fragment: before
-- Bytes of text in the rows before this one; their JSON is longer than that.
coalesce(
    sum(octet_length(event.description)) over (order by event.number rows between unbounded preceding and 1 preceding),
    0
)

-- fragment: following
-- The events after the position of the page, as far as the list is settled (common/sql/settled.sql).
event.number > %(after)s and event.number <= %(settled)s

-- fragment: page_end
-- A page ends early when its JSON is longer than `bytes`.
    order by event.number
    limit %(rows)s
) as event
where event.before < %(bytes)s
order by event.number

-- name: page
select number, {json}::text
from (
    select event.*, {before} as before
    from inventory.event_with_status as event
    where {following} and (%(status)s::text is null or event.status = %(status)s)
{page_end}

-- name: page_of_user
-- A statement of its own, so that its plan uses the index of a user's events.
select number, {json}::text
from (
    select event.*, {before} as before
    from inventory.event_with_status as event
    where {following}
        and event.user_id = %(user_id)s
        and (%(status)s::text is null or event.status = %(status)s)
{page_end}

-- name: page_not_processed
-- Uses the index of open notifications, so that its cost does not grow with the number of processed events. An event
-- without a notification is not found; only SQL by hand can create one.
select number, {json}::text
from (
    select event.*, {before} as before
    from (
        select distinct event_number
        from inventory.notification
        where state in ('pending', 'dead') and event_number > %(after)s and event_number <= %(settled)s
    ) as open
    join inventory.event_with_status as event on event.number = open.event_number
    where event.status = 'NotProcessed'
{page_end}

-- name: page_not_processed_of_user
select number, {json}::text
from (
    select event.*, {before} as before
    from inventory.event_with_status as event
    where {following}
        and event.user_id = %(user_id)s
        and event.status = 'NotProcessed'
        and exists (
            select
            from inventory.notification
            where notification.event_number = event.number and notification.state in ('pending', 'dead')
        )
{page_end}

-- name: get
select {json}::text from inventory.event_with_status as event where id = %(id)s

-- name: create
-- One statement, so that every event has its notification.
with new as (
    insert into inventory.event (user_id, description)
    values (%(user_id)s, %(description)s)
    returning id, number
),
queued as (
    insert into inventory.notification (event_id, event_number, channel) select id, number, 'log' from new
)
select id from new

-- name: update
update inventory.event
set user_id = coalesce(%(user_id)s, user_id), description = coalesce(%(description)s, description), updated_at = now()
where id = %(id)s
returning id

-- name: close
-- Cancels the open notifications of an event, also those that a worker holds: their lease ends.
update inventory.notification
set state = 'cancelled', lease = null, finished_at = now()
where event_id = %(id)s and state in ('pending', 'dead')

-- name: reopen
-- Queues the notifications of an event again. A worker that holds one may be delivering the old text, so its lease ends
-- and the notification is delivered again. A pending notification keeps its `queued_at`.
update inventory.notification
set
    state = 'pending', attempts = 0, failures = 0, due_at = now(), scheduled_at = now(), lease = null, last_error = null,
    finished_at = null,
    queued_at = case state when 'pending' then queued_at else now() end
where event_id = %(id)s
