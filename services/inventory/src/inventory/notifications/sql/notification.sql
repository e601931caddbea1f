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
set
    state = 'pending', attempts = 0, failures = 0, queued_at = now(), due_at = now(), scheduled_at = now(), lease = null,
    last_error = null, finished_at = null
where id = %(id)s and state <> 'pending'
returning {representation}::text

-- name: claim
-- For each channel at most as many as it has free slots, so that what waits on one takes no place from another. What is
-- claimed is not due again before the lease ends; when a worker dies, its leases end by themselves.
with due as (
    select chosen.id
    from unnest(%(channels)s::text[], %(slots)s::integer[]) as free (channel, slots)
    cross join lateral (
        select notification.id
        from inventory.notification
        where notification.state = 'pending'
            and notification.channel = free.channel
            and notification.due_at <= now()
            and notification.id <> all(%(in_hand)s::bigint[])
        order by notification.due_at, notification.id
        limit free.slots
        for update skip locked
    ) as chosen
)
update inventory.notification
set
    lease = gen_random_uuid(),
    due_at = now() + make_interval(secs => %(lease_seconds)s),
    scheduled_at = now()
from due
where notification.id = due.id
returning notification.id, notification.lease

-- name: claimed
-- What the claimed notifications say. The claim itself might see an event as it was before an edit that was committed
-- meanwhile. This statement begins later and sees that edit, and any edit after it that queues the event again ends
-- the lease. `attempts` may be lower than `failures` where the release before queued the notification again.
select notification.id, notification.lease, notification.due_at, notification.channel,
    least(notification.attempts, notification.failures) + 1, event.id, event.user_id, event.description
from unnest(%(ids)s::bigint[], %(leases)s::uuid[]) as claimed (id, lease)
join inventory.notification on notification.id = claimed.id and notification.lease = claimed.lease
join inventory.event on event.id = notification.event_id
where notification.state = 'pending'
order by notification.id

-- name: finish
-- Changes only what is still under the lease it was delivered under. A failure is tried again after a random part of a
-- pause that doubles. One that does not count is due at once, for a worker that can deliver it.
update inventory.notification
set
    state = case
        when outcome.error is null then 'delivered'
        when outcome.counts and outcome.attempt >= %(most_attempts)s then 'dead'
        else 'pending'
    end,
    attempts = case when outcome.counts then outcome.attempt else notification.attempts end,
    failures = case
        when outcome.counts and outcome.error is not null then outcome.attempt
        else notification.failures
    end,
    due_at = case
        when outcome.error is null then notification.due_at
        when outcome.counts then now() + random() * least(
            %(longest_pause)s, %(first_pause)s * 2 ^ least(outcome.attempt - 1, 30)
        ) * interval '1 second'
        else now()
    end,
    scheduled_at = now(),
    lease = null,
    last_error = outcome.error,
    finished_at = case
        when outcome.error is null or outcome.counts and outcome.attempt >= %(most_attempts)s then now()
    end
from unnest(
    %(ids)s::bigint[], %(leases)s::uuid[], %(dues)s::timestamptz[], %(attempts)s::integer[], %(errors)s::text[],
    %(counts)s::boolean[]
) as outcome (id, lease, due_at, attempt, error, counts)
where notification.id = outcome.id
    and notification.state = 'pending'
    and notification.lease = outcome.lease
    and notification.due_at = outcome.due_at
returning notification.id, notification.state

-- name: depth
-- Two small indexes have all of it, however many notifications were delivered. The clock may have been set back since
-- one was queued; then it has waited for 0 s.
select waiting.number, given_up.number, greatest(extract(epoch from now() - waiting.oldest), 0)::float8
from (
    select count(*) as number, min(queued_at) as oldest
    from inventory.notification
    where state = 'pending'
) as waiting
cross join (
    select count(*) as number
    from inventory.notification
    where state = 'dead'
) as given_up

-- name: reschedule
-- What was scheduled later than now: the database's clock has been set back since. What a worker has in hand is left to
-- it.
update inventory.notification
set queued_at = least(queued_at, now()), due_at = now(), scheduled_at = now()
where state = 'pending' and lease is null and due_at > now() and scheduled_at > now()
returning id

-- name: hint
-- Heard when the transaction commits. Workers also look by themselves every few seconds.
select pg_notify('inventory_notification', '')

-- name: listen
listen inventory_notification
