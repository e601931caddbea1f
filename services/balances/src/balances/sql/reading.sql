-- The last complete readings. A list comes with the reading that it belongs to in one statement, so that no refresh
-- comes between them; where the list is empty, its position is null. `%(rows)s` is one more than a page holds.

-- name: reading
select represent(reading)::text from reading where feed = %(feed)s

-- name: transactions
select represent(reading)::text, page.position, page.item
from reading
left join lateral (
    select
        position,
        json_build_object(
            'position', position, 'date', date, 'amount', amount::text, 'currency', currency, 'category', category,
            'vendor', vendor
        )::text as item
    from transaction
    where
        reading_id = reading.id
        and position > %(after)s
        and (%(category)s::text is null or category = %(category)s)
        and (%(since)s::date is null or date >= %(since)s)
        and (%(until)s::date is null or date <= %(until)s)
    order by position
    limit %(rows)s
) as page on true
where feed = %(feed)s
order by page.position

-- name: days
select represent(reading)::text, page.position, page.item
from reading
left join lateral (
    select
        position,
        json_build_object(
            'date', date, 'balance', balance::text, 'currency', currency, 'amount', amount::text,
            'transactions', transactions
        )::text as item
    from day
    where
        reading_id = reading.id
        and position > %(after)s
        and (%(since)s::date is null or date >= %(since)s)
        and (%(until)s::date is null or date <= %(until)s)
    order by position
    limit %(rows)s
) as page on true
where feed = %(feed)s
order by page.position

-- name: categories
select represent(reading)::text, page.position, page.item
from reading
left join lateral (
    select
        position,
        json_build_object(
            'name', name, 'total', category.total::text, 'currency', currency, 'transactions', transactions
        )::text as item
    from category
    where reading_id = reading.id and position > %(after)s
    order by position
    limit %(rows)s
) as page on true
where feed = %(feed)s
order by page.position

-- name: vendors
select represent(reading)::text, page.position, page.item
from reading
left join lateral (
    select
        position,
        json_build_object(
            'clean', clean, 'raw', raw, 'kind', kind, 'confidence', confidence, 'rules', rules,
            'total', vendor.total::text, 'currency', currency, 'transactions', transactions
        )::text as item
    from vendor
    where reading_id = reading.id and position > %(after)s
    order by position
    limit %(rows)s
) as page on true
where feed = %(feed)s
order by page.position

-- name: repeats
select represent(reading)::text, page.position, page.item
from reading
left join lateral (
    select
        position,
        json_build_object(
            'date', date, 'amount', amount::text, 'currency', currency, 'count', count, 'excess', excess::text,
            'category', category, 'vendor', vendor, 'occurrences', occurrences, 'adjacent', adjacent,
            'out_of_order', out_of_order
        )::text as item
    from repeat
    where reading_id = reading.id and position > %(after)s
    order by position
    limit %(rows)s
) as page on true
where feed = %(feed)s
order by page.position

-- name: feeds
-- How each of the configured feeds stands, in their order.
select
    name,
    case when reading.id is not null then represent(reading)::text end,
    extract(epoch from now() - fetched_at)::float8,
    outcome,
    finished_at,
    seconds,
    detail
from unnest(%(names)s::text[]) with ordinality as configured (name, number)
left join reading on reading.feed = name
left join refresh on refresh.feed = name
order by number
