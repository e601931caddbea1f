-- A refresh: a new reading takes the place of the one before, in one short transaction.

-- name: limit_statements
-- Many rows take longer than a request's statement may.
select set_config('statement_timeout', %(milliseconds)s::text, true)

-- name: lock
-- False if the release before refreshes that feed now, which holds this lock while it reads.
select pg_try_advisory_xact_lock(hashtextextended('benchtop balances refresh of ' || %(feed)s, 0))

-- name: remove
-- What was computed from it goes with it.
delete from balances.reading where feed = %(feed)s
returning rows

-- name: insert
insert into balances.reading (
    feed, fetched_at, pages, rows, total_count, digest, currency, digits, total, total_if_repeats_removed,
    pending, pending_total
)
values (
    %(feed)s, %(fetched_at)s, %(pages)s, %(rows)s, %(total_count)s, %(digest)s, %(currency)s, %(digits)s,
    %(total)s, %(total_if_repeats_removed)s, %(pending)s, %(pending_total)s
)
returning id

-- name: check_references_at_once
-- Else they would all be checked at COMMIT, which is given less time.
set constraints all immediate

-- name: copy_transactions
copy balances.transaction (reading_id, digits, position, date, category, amount, vendor) from stdin

-- name: copy_days
copy balances.day (reading_id, position, date, transactions, amount, balance) from stdin

-- name: copy_categories
copy balances.category (reading_id, position, name, transactions, total) from stdin

-- name: copy_vendors
copy balances.vendor (
    reading_id, position, raw, clean, kind, confidence, rules, transactions, total
) from stdin

-- name: copy_repeats
copy balances.repeat (
    reading_id, position, date, category, amount, vendor, count, excess, occurrences, adjacent, out_of_order
) from stdin

-- name: record
insert into balances.refresh (feed, seconds, outcome, detail)
values (%(feed)s, %(seconds)s, %(outcome)s, %(detail)s)
on conflict (feed) do update
set finished_at = default, seconds = excluded.seconds, outcome = excluded.outcome, detail = excluded.detail
returning feed

-- name: analyze
-- A reading that the planner knows nothing of is slow to list until the database gets to it by itself.
analyze balances.transaction, balances.day, balances.category, balances.vendor, balances.repeat
