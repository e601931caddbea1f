-- The lists of a snapshot, one statement for each. A statement returns the snapshot together with the items, so that a
-- refresh cannot come between them. If there are no items, it returns one row whose position is null. `filtered_count` and
-- `filtered_amount` are about all items that match the filters, whichever page they are on.
--
-- Parameters of all lists: `feed`; `rows`, one more than a page shows; `after`, the position of the last item of the page
-- before, or null; `sort`; and the filters, or null. Comments at the ends of lines say when a line is a part of the
-- statement: see `store/optional_lines.py`. Each order ends with the position, so that no two items are equal in it.

-- fragment: snapshot
with snapshot as (select * from balances.reading where feed = %(feed)s)

-- fragment: columns
row_to_json(snapshot)::text, filtered_count, round(filtered_amount, snapshot.digits)::text, page.position

-- fragment: of_snapshot
reading_id = (select id from snapshot)

-- fragment: at_last_item
{of_snapshot} and position = %(after)s

-- fragment: vendor_has_text
(raw ilike %(q)s or clean ilike %(q)s)

-- fragment: order_of_days
order by
    page.position -- if sort is date
    page.position desc -- if sort is -date

-- name: days
{snapshot}
select
    {columns},
    json_build_object(
        'date', date, 'balance', balance::text, 'currency', currency, 'amount', amount::text,
        'transactions', transactions
    )::text as item
from snapshot
cross join (
    select count(*) as filtered_count, coalesce(sum(amount), 0) as filtered_amount
    from balances.day
    where
        {of_snapshot}
        and date >= %(since)s -- if since
        and date <= %(until)s -- if until
) as filtered
left join (
    select *
    from balances.day as page
    where
        {of_snapshot}
        and date >= %(since)s -- if since
        and date <= %(until)s -- if until
        and position > %(after)s -- if after and sort is date
        and position < %(after)s -- if after and sort is -date
    {order_of_days}
    limit %(rows)s
) as page on true
{order_of_days}

-- name: search
-- The vendors and the categories whose names match `q`; at most `most` of each. The statement `transactions` then finds
-- their transactions with an index.
{snapshot}
select
    row_to_json(snapshot)::text,
    array(select raw from balances.vendor where {of_snapshot} and {vendor_has_text} limit %(most)s),
    array(select name from balances.category where {of_snapshot} and name ilike %(q)s limit %(most)s)
from snapshot

-- fragment: matching_transactions
{of_snapshot}
        and category = %(category)s -- if category
        and vendor = %(vendor)s -- if vendor
        and amount > 0 -- if direction is in
        and amount < 0 -- if direction is out
        and date >= %(since)s -- if since
        and date <= %(until)s -- if until
        and (vendor = any(%(vendors)s) or category = any(%(categories)s)) -- if vendors
        and ( -- if q
            vendor in (select raw from balances.vendor where {of_snapshot} and {vendor_has_text}) -- if q
            or category in (select name from balances.category where {of_snapshot} and name ilike %(q)s) -- if q
        ) -- if q

-- fragment: order_of_transactions
order by
    page.position -- if sort is position
    page.position desc -- if sort is -position
    page.date, page.position -- if sort is date
    page.date desc, page.position desc -- if sort is -date
    page.amount, page.position -- if sort is amount
    page.amount desc, page.position desc -- if sort is -amount

-- name: transactions
-- Without a filter other than the dates, the sum is computed from the days, because there are far fewer of them. `offset 0`
-- prevents that PostgreSQL reads all transactions in the order of their amounts until it finds those of a vendor: it does
-- not know that a vendor may have none in a category.
{snapshot},
last_item as (select * from balances.transaction where {at_last_item})
select
    {columns},
    json_build_object(
        'position', position, 'date', date, 'amount', amount::text, 'currency', currency, 'category', category,
        'vendor', vendor
    )::text as item
from snapshot
cross join (
    select coalesce(sum(transactions), 0)::bigint as filtered_count, -- unless category or vendor or direction or vendors or q
    select count(*) as filtered_count, -- if category or vendor or direction or vendors or q
        coalesce(sum(amount), 0) as filtered_amount
    from balances.day -- unless category or vendor or direction or vendors or q
    from balances.transaction -- if category or vendor or direction or vendors or q
    where
        {matching_transactions}
) as filtered
left join (
    select *
    from (
        select *
        from balances.transaction
        where
            {matching_transactions}
        offset 0 -- if category or vendor
    ) as page
    where
        true
        and position > %(after)s -- if after and sort is position
        and position < %(after)s -- if after and sort is -position
        and (date, position) > (select date, position from last_item) -- if after and sort is date
        and (date, position) < (select date, position from last_item) -- if after and sort is -date
        and (amount, position) > (select amount, position from last_item) -- if after and sort is amount
        and (amount, position) < (select amount, position from last_item) -- if after and sort is -amount
    {order_of_transactions}
    limit %(rows)s
) as page on true
{order_of_transactions}

-- fragment: order_of_sums
order by
    page.position -- if sort is name
    page.position desc -- if sort is -name
    page.total, page.position -- if sort is total
    page.total desc, page.position desc -- if sort is -total
    page.transactions, page.position -- if sort is transactions
    page.transactions desc, page.position desc -- if sort is -transactions

-- name: categories
{snapshot},
last_item as (select * from balances.category where {at_last_item})
select
    {columns},
    json_build_object(
        'name', name, 'total', page.total::text, 'currency', currency, 'transactions', transactions
    )::text as item
from snapshot
cross join (
    select count(*) as filtered_count, coalesce(sum(total), 0) as filtered_amount
    from balances.category
    where
        {of_snapshot}
        and name ilike %(q)s -- if q
) as filtered
left join (
    select *
    from balances.category as page
    where
        {of_snapshot}
        and name ilike %(q)s -- if q
        and position > %(after)s -- if after and sort is name
        and position < %(after)s -- if after and sort is -name
        and (total, position) > (select total, position from last_item) -- if after and sort is total
        and (total, position) < (select total, position from last_item) -- if after and sort is -total
        and (transactions, position) > (select transactions, position from last_item) -- if after and sort is transactions
        and (transactions, position) < (select transactions, position from last_item) -- if after and sort is -transactions
    {order_of_sums}
    limit %(rows)s
) as page on true
{order_of_sums}

-- name: vendors
{snapshot},
last_item as (select * from balances.vendor where {at_last_item})
select
    {columns},
    json_build_object(
        'clean', clean, 'raw', raw, 'kind', kind, 'confidence', confidence, 'rules', rules,
        'total', page.total::text, 'currency', currency, 'transactions', transactions
    )::text as item
from snapshot
cross join (
    select count(*) as filtered_count, coalesce(sum(total), 0) as filtered_amount
    from balances.vendor
    where
        {of_snapshot}
        and {vendor_has_text} -- if q
) as filtered
left join (
    select *
    from balances.vendor as page
    where
        {of_snapshot}
        and {vendor_has_text} -- if q
        and position > %(after)s -- if after and sort is name
        and position < %(after)s -- if after and sort is -name
        and (total, position) > (select total, position from last_item) -- if after and sort is total
        and (total, position) < (select total, position from last_item) -- if after and sort is -total
        and (transactions, position) > (select transactions, position from last_item) -- if after and sort is transactions
        and (transactions, position) < (select transactions, position from last_item) -- if after and sort is -transactions
    {order_of_sums}
    limit %(rows)s
) as page on true
{order_of_sums}

-- name: possible_duplicates
{snapshot}
select
    {columns},
    json_build_object(
        'date', date, 'amount', amount::text, 'currency', currency, 'count', count,
        'excess', excess::text, 'category', category, 'vendor', vendor, 'occurrences', occurrences,
        'adjacent', adjacent, 'out_of_order', out_of_order
    )::text as item
from snapshot
cross join (
    select count(*) as filtered_count, coalesce(sum(excess), 0) as filtered_amount
    from balances.repeat
    where {of_snapshot}
) as filtered
left join (
    select *
    from balances.repeat as page
    where
        {of_snapshot}
        and position > %(after)s -- if after
    order by page.position
    limit %(rows)s
) as page on true
order by page.position
