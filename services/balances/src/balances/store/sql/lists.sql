-- The last complete readings. A list comes with the reading that it belongs to in one statement, so that no refresh
-- comes between them; where the list is empty, its position is null. `%(rows)s` is one more than a page holds.
-- What may be filtered has the sum of all that the filters choose, on whichever page.

-- name: reading
select row_to_json(reading)::text from balances.reading where feed = %(feed)s

-- name: transactions
-- Without a category, the sum is that of the days, which are far fewer.
select row_to_json(reading)::text, page.position, page.item, round(chosen.total, reading.digits)::text
from balances.reading
cross join lateral (
    select coalesce(sum(amount), 0) as total
    from balances.day
    where
        %(category)s::text is null
        and reading_id = reading.id
        and (%(since)s::date is null or date >= %(since)s)
        and (%(until)s::date is null or date <= %(until)s)
) as all_categories
cross join lateral (
    select coalesce(sum(amount), 0) as total
    from balances.transaction
    where
        %(category)s::text is not null
        and reading_id = reading.id
        and category = %(category)s
        and (%(since)s::date is null or date >= %(since)s)
        and (%(until)s::date is null or date <= %(until)s)
) as one_category
cross join lateral (select all_categories.total + one_category.total as total) as chosen
left join lateral (
    select
        position,
        json_build_object(
            'position', position, 'date', date, 'amount', amount::text, 'currency', currency, 'category', category,
            'vendor', vendor
        )::text as item
    from balances.transaction
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
select row_to_json(reading)::text, page.position, page.item, round(chosen.total, reading.digits)::text
from balances.reading
cross join lateral (
    select coalesce(sum(amount), 0) as total
    from balances.day
    where
        reading_id = reading.id
        and (%(since)s::date is null or date >= %(since)s)
        and (%(until)s::date is null or date <= %(until)s)
) as chosen
left join lateral (
    select
        position,
        json_build_object(
            'date', date, 'balance', balance::text, 'currency', currency, 'amount', amount::text,
            'transactions', transactions
        )::text as item
    from balances.day
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
select row_to_json(reading)::text, page.position, page.item
from balances.reading
left join lateral (
    select
        position,
        json_build_object(
            'name', name, 'total', category.total::text, 'currency', currency, 'transactions', transactions
        )::text as item
    from balances.category
    where reading_id = reading.id and position > %(after)s
    order by position
    limit %(rows)s
) as page on true
where feed = %(feed)s
order by page.position

-- name: vendors
select row_to_json(reading)::text, page.position, page.item
from balances.reading
left join lateral (
    select
        position,
        json_build_object(
            'clean', clean, 'raw', raw, 'kind', kind, 'confidence', confidence, 'rules', rules,
            'total', vendor.total::text, 'currency', currency, 'transactions', transactions
        )::text as item
    from balances.vendor
    where reading_id = reading.id and position > %(after)s
    order by position
    limit %(rows)s
) as page on true
where feed = %(feed)s
order by page.position

-- name: repeats
select row_to_json(reading)::text, page.position, page.item
from balances.reading
left join lateral (
    select
        position,
        json_build_object(
            'date', date, 'amount', amount::text, 'currency', currency, 'count', count, 'excess', excess::text,
            'category', category, 'vendor', vendor, 'occurrences', occurrences, 'adjacent', adjacent,
            'out_of_order', out_of_order
        )::text as item
    from balances.repeat
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
    case when reading.id is not null then row_to_json(reading)::text end,
    outcome,
    finished_at,
    seconds,
    detail
from unnest(%(names)s::text[]) with ordinality as configured (name, number)
left join balances.reading on reading.feed = name
left join balances.refresh on refresh.feed = name
order by number
