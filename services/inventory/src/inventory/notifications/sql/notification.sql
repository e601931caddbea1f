-- Notifications under /v1.

-- fragment: json
json_build_object(
    'id', notification.id, 'event_id', notification.event_id, 'channel', notification.channel,
    'state', notification.state, 'attempts', notification.attempts,
    'queued_at', to_char(notification.queued_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'due_at', case notification.state
        when 'pending' then to_char(notification.due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    end,
    'last_error', notification.last_error,
    'finished_at', to_char(notification.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
)

-- fragment: before
-- Bytes of text in the rows before this one on the page; their JSON is longer than that.
coalesce(
    sum(octet_length(last_error)) over (order by {order} rows between unbounded preceding and 1 preceding),
    0
)

-- sort: id
id

-- condition: settled
-- The list ends where an earlier notification can still appear (common/sql/settled.sql).
id <= %(settled)s

-- condition: state
state = %(state)s

-- condition: event_id
event_id = %(event_id)s

-- list: page
-- Ends early when its JSON is longer than `bytes`.
select {position}, {json}::text
from (
    select *, {before} as before
    from inventory.notification
    where {following} and {conditions}
    order by {order}
    limit %(rows)s
) as notification
where before < %(bytes)s
order by {order}

-- list: count
select count(*) from inventory.notification where {conditions}

-- name: get
select {json}::text from inventory.notification where id = %(id)s

-- name: replay
update inventory.notification
set
    state = 'pending', attempts = 0, failures = 0, queued_at = now(), due_at = now(), scheduled_at = now(), lease = null,
    last_error = null, finished_at = null
where id = %(id)s and state <> 'pending'
returning {json}::text

-- name: events
-- The events with these ids, as a list of notifications shows them.
select
    id, user_id,
    (select account.id from inventory.account where lower(account.username) = lower(event.user_id)),
    left(description, 200)
from inventory.event
where id = any (%(ids)s::uuid[])
