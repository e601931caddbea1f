-- The lease of a feed: only the process that holds it may read the feed. A lease is held from `taken_at` to `expires_at`.
-- The time is before `taken_at` only if the server's clock was set back; the lease then counts as not held.

-- name: take
-- Returns whether the lease was taken, for how many seconds another process still holds it, and in how many seconds
-- `min_interval` has passed. The holder can take its lease again, so that the statement may be sent twice.
with taken as (
    insert into balances.refresh_lease as lease (feed, holder, taken_at, expires_at)
    select %(feed)s, %(holder)s, now(), now() + make_interval(secs => %(seconds)s)
    where not exists (
        select from balances.refresh_lease as other
        where
            other.feed = %(feed)s
            and other.holder <> %(holder)s
            and now() >= other.taken_at
            and now() < greatest(other.expires_at, other.taken_at + make_interval(secs => %(min_interval)s))
    )
    on conflict (feed) do update
    set
        holder = excluded.holder, taken_at = excluded.taken_at, expires_at = excluded.expires_at,
        pages = default, rows = default, expected_rows = default
    where
        lease.holder = excluded.holder
        or now() < lease.taken_at
        or now() >= greatest(lease.expires_at, lease.taken_at + make_interval(secs => %(min_interval)s))
    returning feed
)
select
    exists (select from taken),
    coalesce(extract(epoch from lease.expires_at - now()), 0)::float8,
    coalesce(extract(epoch from lease.taken_at - now()) + %(min_interval)s, 0)::float8
from (values (%(feed)s)) as asked (feed)
left join balances.refresh_lease as lease on lease.feed = asked.feed

-- name: renew
-- Extends the lease, and says how far the holder has read. Returns no row if another process has taken the lease.
update balances.refresh_lease
set
    expires_at = now() + make_interval(secs => %(seconds)s),
    pages = %(pages)s, rows = %(rows)s, expected_rows = %(expected_rows)s
where feed = %(feed)s and holder = %(holder)s
returning feed

-- name: release
update balances.refresh_lease
set expires_at = now(), pages = default, rows = default, expected_rows = default
where feed = %(feed)s and holder = %(holder)s
returning feed
