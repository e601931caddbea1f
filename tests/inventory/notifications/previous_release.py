"""The statements of a worker of release 0.1.0, which counts an attempt in `attempts` when it claims."""

CLAIM = """
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
returning notification.id, notification.attempts, notification.due_at, event.description
"""

FINISH = """
update notification
set
    state = case
        when outcome.error is null then 'delivered'
        when notification.attempts >= 8 then 'dead'
        else 'pending'
    end,
    due_at = case
        when outcome.error is null then notification.due_at
        else now() + random() * least(600, 2 * 2 ^ least(notification.attempts - 1, 30)) * interval '1 second'
    end,
    last_error = outcome.error,
    finished_at = case when outcome.error is null or notification.attempts >= 8 then now() end
from unnest(%(ids)s::bigint[], %(attempts)s::integer[], %(leases)s::timestamptz[], %(errors)s::text[])
    as outcome (id, attempts, lease, error)
where notification.id = outcome.id
    and notification.state = 'pending'
    and notification.attempts = outcome.attempts
    and notification.due_at = outcome.lease
returning notification.state
"""

REOPEN = """
update notification
set state = 'pending', attempts = 0, queued_at = now(), due_at = now(), last_error = null, finished_at = null
where event_id = %s and state <> 'pending'
"""
