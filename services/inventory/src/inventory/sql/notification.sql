-- Notifications: who must be told of an event, by which channel. This table is the queue.

-- fragment: representation
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

-- name: page
-- Cut once the JSON is longer than `bytes`.
select id, {representation}::text
from (
    select
        *,
        coalesce(
            sum(octet_length(last_error)) over (order by id rows between unbounded preceding and 1 preceding),
            0
        ) as before
    from inventory.notification
    where id > %(after)s
        and id <= %(settled)s
        and (%(state)s::text is null or state = %(state)s)
        and (%(event_id)s::uuid is null or event_id = %(event_id)s)
    order by id
    limit %(rows)s
) as notification
where before < %(bytes)s
order by id

-- name: get
select {representation}::text from inventory.notification where id = %(id)s

-- name: replay
update inventory.notification
set state = 'pending', attempts = 0, queued_at = now(), due_at = now(), last_error = null, finished_at = null
where id = %(id)s and state <> 'pending'
returning {representation}::text

-- name: claim
-- What is claimed is not due again before the lease ends. A worker that died simply lets it end.
with due as (
    select id
    from notification
    where state = 'pending' and due_at <= now()
    order by due_at, id
    limit %(batch)s
    for update skip locked
)
update notification
set attempts = notification.attempts + 1, due_at = now() + make_interval(secs => %(lease_seconds)s)
from due, event
where notification.id = due.id and event.id = notification.event_id
returning notification.id, notification.attempts, notification.due_at, notification.channel,
    event.id, event.user_id, event.description

-- name: finish
-- Changes only what is still under the lease it was delivered under. Failures are tried again after a random part
-- of a pause that doubles.
update notification
set
    state = case
        when outcome.error is null then 'delivered'
        when notification.attempts >= %(most_attempts)s then 'dead'
        else 'pending'
    end,
    due_at = case
        when outcome.error is null then notification.due_at
        else now() + random() * least(
            %(longest_pause)s, %(first_pause)s * 2 ^ least(notification.attempts - 1, 30)
        ) * interval '1 second'
    end,
    last_error = outcome.error,
    finished_at = case
        when outcome.error is null or notification.attempts >= %(most_attempts)s then now()
    end
from unnest(%(ids)s::bigint[], %(attempts)s::integer[], %(leases)s::timestamptz[], %(errors)s::text[])
    as outcome (id, attempts, lease, error)
where notification.id = outcome.id
    and notification.state = 'pending'
    and notification.attempts = outcome.attempts
    and notification.due_at = outcome.lease
returning notification.state

-- name: depth
select
    count(*) filter (where state = 'pending'),
    count(*) filter (where state = 'dead'),
    coalesce(extract(epoch from now() - min(queued_at) filter (where state = 'pending')), 0)::float8
from notification
where state in ('pending', 'dead')

-- name: hint
-- Heard when the transaction commits. Workers also look by themselves every few seconds.
select pg_notify('inventory_notification', '')

-- name: listen
listen inventory_notification
