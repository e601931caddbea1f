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
-- Bytes of text in the rows before this one on the page; their JSON is longer than that.
coalesce(
    sum(octet_length(description)) over (order by {order} rows between unbounded preceding and 1 preceding),
    0
)

-- fragment: page_start
-- A page ends early when its JSON is longer than `bytes`.
select {position}, {json}::text
from (
    select event.*, {before} as before
    from inventory.event_with_status as event

-- fragment: page_end
    order by {order}
    limit %(rows)s
) as event
where before < %(bytes)s
order by {order}

-- fragment: has_open_notification
exists (
    select
    from inventory.notification
    where notification.event_number = event.number and notification.state in ('pending', 'dead')
)

-- sort: created_at
-- The number is in the order of creation.
number

-- condition: settled
-- The list ends where an earlier event can still appear (common/sql/settled.sql).
number <= %(settled)s

-- condition: user_id
user_id = %(user_id)s

-- condition: q
-- Text that is ASCII is searched without the locale of the database, which takes half the time.
case when %(plain)s
    then lower(concat_ws(' ', description, user_id) collate "C") like all (%(like)s)
    else concat_ws(' ', description, user_id) ~ all (%(q)s)
end

-- list: found
-- The first rows that fulfil the conditions, in any order.
select number from inventory.event where {conditions} limit %(few)s

-- condition: found
number = any (%(found)s)

-- list: page
{page_start}
    where {following} and {conditions}
{page_end}

-- list: count
select count(*) from inventory.event where {conditions}

-- list: page_processed
{page_start}
    where {following} and {conditions} and status = 'Processed'
{page_end}

-- list: page_not_processed
-- Uses the index of open notifications, so that its cost does not grow with the number of processed events. An event
-- without a notification is not found; only SQL by hand can create one.
{page_start}
    join (
        select distinct number
        from (
            select event_number as number from inventory.notification where state in ('pending', 'dead')
        ) as notification
        where {following}
    ) as open using (number)
    where {conditions} and status = 'NotProcessed'
{page_end}

-- list: page_not_processed_of_user
{page_start}
    where {following} and {conditions} and status = 'NotProcessed' and {has_open_notification}
{page_end}

-- list: count_not_processed
select count(*)
from inventory.event_with_status as event
where {conditions} and status = 'NotProcessed' and {has_open_notification}

-- list: count_processed
-- All events but those that are not processed, so that the status of most events is not computed.
select count(*) - (
    select count(*)
    from inventory.event_with_status as event
    where {conditions} and status = 'NotProcessed' and {has_open_notification}
)
from inventory.event
where {conditions}

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
