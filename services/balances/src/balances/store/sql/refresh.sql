-- A refresh replaces the snapshot of a feed in one short transaction.

-- name: limit_statements
-- Writing many rows takes longer than the timeout for the statements of requests.
select set_config('statement_timeout', %(milliseconds)s::text, true)

-- name: lock
-- False if a process of the release before is reading the feed: that release holds this lock while it reads.
select pg_try_advisory_xact_lock(hashtextextended('benchtop balances refresh of ' || %(feed)s, 0))

-- name: remove
-- The rows of the other tables that belong to the snapshot are deleted with it.
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
-- Otherwise all references would be checked at COMMIT, whose timeout is shorter.
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

-- name: copy_possible_duplicates
copy balances.repeat (
    reading_id, position, date, category, amount, vendor, count, excess, occurrences, adjacent, out_of_order
) from stdin

-- name: record_result
insert into balances.refresh (feed, seconds, outcome, detail)
values (%(feed)s, %(seconds)s, %(outcome)s, %(detail)s)
on conflict (feed) do update
set finished_at = default, seconds = excluded.seconds, outcome = excluded.outcome, detail = excluded.detail
returning feed

-- name: analyze
-- Without statistics, the lists of a new snapshot would be slow until autovacuum analyzes the tables.
analyze balances.transaction, balances.day, balances.category, balances.vendor, balances.repeat
