-- Idempotency keys: a creation that is sent twice happens once.

-- name: claim
-- Waits for a transaction that is using the same key, and returns no row if that transaction committed.
insert into inventory.idempotency_key as held (route, key, digest, sent_digest)
values (%(route)s, %(key)s, %(digest)s, %(sent_digest)s)
on conflict (route, key) do update
set
    digest = excluded.digest, sent_digest = excluded.sent_digest, location = null, tag = null, body = null,
    created_at = now()
where held.created_at < now() - interval '24 hours'
returning key

-- name: keep
update inventory.idempotency_key
set location = %(location)s, tag = %(tag)s, body = %(body)s
where route = %(route)s and key = %(key)s

-- name: recall
select digest = %(digest)s or coalesce(sent_digest = %(sent_digest)s, false), location, tag, body
from inventory.idempotency_key
where route = %(route)s and key = %(key)s

-- name: prune
-- Deletes at most `rows` expired keys, because a day of keys is too much for one statement. Returns how many it deleted.
with expired as (
    select route, key
    from inventory.idempotency_key
    where created_at < now() - interval '24 hours'
    order by created_at
    limit %(rows)s
    for update skip locked
),
removed as (
    delete from inventory.idempotency_key
    using expired
    where idempotency_key.route = expired.route and idempotency_key.key = expired.key
    returning 1
)
select count(*) from removed
