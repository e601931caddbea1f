-- The names of the categories and vendors of a snapshot.

-- fragment: of_snapshot
reading_id = (select id from balances.reading where feed = %(feed)s)

-- name: categories
select name from balances.category where {of_snapshot} order by position limit %(rows)s

-- name: vendors
select raw, clean from balances.vendor where {of_snapshot} order by position limit %(rows)s

-- name: clean_names
select raw, clean from balances.vendor where {of_snapshot} and raw = any(%(raws)s)
