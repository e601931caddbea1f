-- A refresh: a new reading takes the place of the one before, in one transaction.

-- name: lock
-- False if another process refreshes that feed now; the lock goes with the transaction.
select pg_try_advisory_xact_lock(hashtextextended('benchtop balances refresh of ' || %(feed)s, 0))

-- name: next_id
select nextval(pg_get_serial_sequence('reading', 'id'))

-- name: copy_transactions
copy transaction (reading_id, digits, position, date, category, amount, vendor) from stdin

-- name: copy_days
copy day (reading_id, position, date, transactions, amount, balance) from stdin

-- name: copy_categories
copy category (reading_id, position, name, transactions, total) from stdin

-- name: copy_vendors
copy vendor (reading_id, position, raw, clean, kind, confidence, rules, transactions, total) from stdin

-- name: copy_repeats
copy repeat (
    reading_id, position, date, category, amount, vendor, count, excess, occurrences, adjacent, out_of_order
) from stdin

-- name: transactions_at
select position, date, category, amount::text, vendor
from transaction
where reading_id = %(reading_id)s and position = any (%(positions)s::bigint[])
order by position

-- name: remove
-- What was computed from it goes with it.
delete from reading where feed = %(feed)s

-- name: insert
insert into reading (
    id, feed, fetched_at, pages, rows, total_count, digest, currency, digits, total, total_if_repeats_removed
)
overriding system value
values (
    %(id)s, %(feed)s, %(fetched_at)s, %(pages)s, %(rows)s, %(total_count)s, %(digest)s, %(currency)s, %(digits)s,
    %(total)s, %(total_if_repeats_removed)s
)

-- name: record
insert into refresh (feed, seconds, outcome, detail)
values (%(feed)s, %(seconds)s, %(outcome)s, %(detail)s)
on conflict (feed) do update
set finished_at = default, seconds = excluded.seconds, outcome = excluded.outcome, detail = excluded.detail

-- name: analyze
-- A reading that the planner knows nothing of is slow to list until the database gets to it by itself.
analyze transaction, day, category, vendor, repeat
