-- The snapshots of feeds: the results of the last complete refresh. The table has the older name `reading`.

-- name: snapshot
select row_to_json(snapshot)::text from balances.reading as snapshot where feed = %(feed)s

-- name: feeds
-- The state of each configured feed, in the order of the settings. A refresh is under way while its lease is held.
select
    name,
    case when snapshot.id is not null then row_to_json(snapshot)::text end,
    outcome,
    finished_at,
    seconds,
    detail,
    taken_at,
    lease.pages,
    lease.rows,
    expected_rows
from unnest(%(names)s::text[]) with ordinality as configured (name, number)
left join balances.reading as snapshot on snapshot.feed = name
left join balances.refresh on refresh.feed = name
left join balances.refresh_lease as lease on lease.feed = name and now() >= taken_at and now() < expires_at
order by number
