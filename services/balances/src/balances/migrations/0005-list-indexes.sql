-- no transaction
-- Made while requests go on, so each statement stands by itself and may be run again.

-- The transactions of one vendor, in the order of the feed.
drop index concurrently if exists balances.transaction_vendor_index;
create index concurrently transaction_vendor_index on balances.transaction (reading_id, vendor, position);

-- The transactions in the order of their dates.
drop index concurrently if exists balances.transaction_date_index;
create index concurrently transaction_date_index on balances.transaction (reading_id, date, position);

-- The transactions in the order of their amounts.
drop index concurrently if exists balances.transaction_amount_index;
create index concurrently transaction_amount_index on balances.transaction (reading_id, amount, position);
