-- no transaction
-- Made while requests go on, so each statement stands by itself and may be run again.

-- The transactions of one vendor, in the order of the feed.
drop index concurrently if exists balances.transaction_vendor_index;
create index concurrently transaction_vendor_index on balances.transaction (reading_id, vendor, position);
