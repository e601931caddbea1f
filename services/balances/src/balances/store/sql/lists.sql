-- The lists of a snapshot, one statement for each. A statement returns the snapshot together with the items, so that a
-- refresh cannot come between them. If there are no items, it returns one row whose position is null.
--
-- Parameters of all lists: `feed`; `after`, the position of the last item on the page before; and `rows`, one more than a
-- page shows. A list with filters also returns the sum of all items that match them, whichever page they are on.

-- fragment: next_on_page
reading_id = snapshot.id and position > %(after)s

-- fragment: in_date_range
(%(since)s::date is null or date >= %(since)s) and (%(until)s::date is null or date <= %(until)s)

-- name: days
select row_to_json(snapshot)::text, page.position, page.item, round(filtered.total, snapshot.digits)::text
from balances.reading as snapshot
cross join lateral (
    select coalesce(sum(amount), 0) as total
    from balances.day
    where reading_id = snapshot.id and {in_date_range}
) as filtered
left join lateral (
    select
        position,
        json_build_object(
            'date', date, 'balance', balance::text, 'currency', currency, 'amount', amount::text,
            'transactions', transactions
        )::text as item
    from balances.day
    where {next_on_page} and {in_date_range}
    order by position
    limit %(rows)s
) as page on true
where feed = %(feed)s
order by page.position

-- name: transactions
-- Without a category, the sum is computed from the days, because there are far fewer of them.
select row_to_json(snapshot)::text, page.position, page.item, round(filtered.total, snapshot.digits)::text
from balances.reading as snapshot
cross join lateral (
    select coalesce(sum(amount), 0) as total
    from balances.day
    where %(category)s::text is null and reading_id = snapshot.id and {in_date_range}
) as all_categories
cross join lateral (
    select coalesce(sum(amount), 0) as total
    from balances.transaction
    where
        %(category)s::text is not null and reading_id = snapshot.id and category = %(category)s and {in_date_range}
) as one_category
cross join lateral (select all_categories.total + one_category.total as total) as filtered
left join lateral (
    select
        position,
        json_build_object(
            'position', position, 'date', date, 'amount', amount::text, 'currency', currency, 'category', category,
            'vendor', vendor
        )::text as item
    from balances.transaction
    where {next_on_page} and (%(category)s::text is null or category = %(category)s) and {in_date_range}
    order by position
    limit %(rows)s
) as page on true
where feed = %(feed)s
order by page.position

-- name: categories
select row_to_json(snapshot)::text, page.position, page.item
from balances.reading as snapshot
left join lateral (
    select
        position,
        json_build_object(
            'name', name, 'total', category.total::text, 'currency', currency, 'transactions', transactions
        )::text as item
    from balances.category
    where {next_on_page}
    order by position
    limit %(rows)s
) as page on true
where feed = %(feed)s
order by page.position

-- name: vendors
select row_to_json(snapshot)::text, page.position, page.item
from balances.reading as snapshot
left join lateral (
    select
        position,
        json_build_object(
            'clean', clean, 'raw', raw, 'kind', kind, 'confidence', confidence, 'rules', rules,
            'total', vendor.total::text, 'currency', currency, 'transactions', transactions
        )::text as item
    from balances.vendor
    where {next_on_page}
    order by position
    limit %(rows)s
) as page on true
where feed = %(feed)s
order by page.position

-- name: possible_duplicates
select row_to_json(snapshot)::text, page.position, page.item
from balances.reading as snapshot
left join lateral (
    select
        position,
        json_build_object(
            'date', date, 'amount', amount::text, 'currency', currency, 'count', count, 'excess', excess::text,
            'category', category, 'vendor', vendor, 'occurrences', occurrences, 'adjacent', adjacent,
            'out_of_order', out_of_order
        )::text as item
    from balances.repeat
    where {next_on_page}
    order by position
    limit %(rows)s
) as page on true
where feed = %(feed)s
order by page.position
