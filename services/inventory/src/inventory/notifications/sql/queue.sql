-- The queue of notifications, for the worker. The table of notifications is the queue.

-- name: claim
-- Claims for each channel at most as many notifications as it has free slots, so that no channel takes the slots of
-- another. A claimed notification is not due again before its lease ends; when a worker dies, its leases end.
with due as (
    select chosen.id
    from unnest(%(channels)s::text[], %(slots)s::integer[]) as free (channel, slots)
    cross join lateral (
        select notification.id
        from inventory.notification
        where notification.state = 'pending'
            and notification.channel = free.channel
            and notification.due_at <= now()
            and notification.id <> all(%(held)s::bigint[])
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
-- Reads the claimed notifications with the text of their events. It is a statement after the claim, because the claim
-- might see an event as it was before a change that was committed meanwhile. A later change that queues the event again
-- ends the lease. `attempts` may be lower than `failures` where the previous release queued the notification again.
select notification.id, notification.lease, notification.due_at, notification.channel,
    least(notification.attempts, notification.failures) + 1, event.id, event.user_id, event.description
from unnest(%(ids)s::bigint[], %(leases)s::uuid[]) as claimed (id, lease)
join inventory.notification on notification.id = claimed.id and notification.lease = claimed.lease
join inventory.event on event.id = notification.event_id
where notification.state = 'pending'
order by notification.id

-- name: finish
-- Records outcomes, only of notifications that are still under the lease they were delivered under. A failed delivery is
-- retried after a random part of a pause that doubles. If the failure does not count, it is due at once, for another
-- worker that can deliver it.
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
-- Uses two small indexes, so that its cost does not grow with the number of delivered notifications. If the clock was set
-- back after a notification was queued, its age is 0 s.
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
-- Makes due what was scheduled later than now, because the database's clock was set back since. Notifications that a
-- worker holds are left alone.
update inventory.notification
set queued_at = least(queued_at, now()), due_at = now(), scheduled_at = now()
where state = 'pending' and lease is null and due_at > now() and scheduled_at > now()
returning id
