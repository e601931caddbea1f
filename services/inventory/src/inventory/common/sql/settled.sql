-- How far the lists of events and notifications are settled: the number up to which no further row can appear.
--
-- A transaction takes the number of a row before it commits, and another one with a later number may commit first. So
-- each transaction that takes numbers holds a lock (migration 0008), and the numbers from there on are not settled. A
-- statement that starts after this one sees every row that will ever exist up to the settled number. Transactions that
-- are older than a minute are ignored.

-- fragment: settled
-- The last number must be read before the locks, so the subquery depends on it. A lock has the lower 32 bits of the number
-- before the first that its transaction takes. A lock beyond the last number was taken later, and is ignored.
select taken.last - coalesce(announced.distance, 0)
from taken
cross join lateral (
    select max(distance) filter (where distance < 2147483648) as distance
    from (
        select (taken.last - held.objid::bigint) & 4294967295 as distance
        from pg_locks as held
        cross join pg_stat_get_activity(held.pid) as activity -- the view joins three more tables
        where held.locktype = 'advisory'
            and held.database = (select oid from pg_database where datname = current_database())
            and held.classid = taken.kind
            and held.objsubid = 2
            and activity.xact_start > now() - interval '1 minute'
        offset 0
    ) as held
) as announced

-- name: events
with taken as materialized (
    select
        'inventory.event'::regclass as kind,
        greatest(last_value - (not is_called)::integer, (select max(number) from inventory.event)) as last
    from inventory.event_number_seq
)
{settled}

-- name: notifications
with taken as materialized (
    select
        'inventory.notification'::regclass as kind,
        greatest(last_value - (not is_called)::integer, (select max(id) from inventory.notification)) as last
    from inventory.notification_id_seq
)
{settled}
