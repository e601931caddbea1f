-- The lease of a feed: one process at a time reads it. It is held from `taken_at` until `expires_at`; before `taken_at`,
-- which is only possible when the server's clock was set back, it is not.

-- name: take
-- Whether the lease was taken; else for how many more seconds it is held, and for how many more the feed rests.
-- Who holds it already takes it again, so that the statement may be sent twice.
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
    set holder = excluded.holder, taken_at = excluded.taken_at, expires_at = excluded.expires_at
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
-- No row if another process has taken it.
update balances.refresh_lease
set expires_at = now() + make_interval(secs => %(seconds)s)
where feed = %(feed)s and holder = %(holder)s
returning feed

-- name: release
update balances.refresh_lease
set expires_at = now()
where feed = %(feed)s and holder = %(holder)s
returning feed
