-- name: sets_like
-- The sets of possible duplicates with one of these dates, categories, amounts and vendors. It is no join, so that the sets
-- are read once, however many there are.
select date, category, amount, vendor
from balances.repeat
where
    reading_id = (select id from balances.reading where feed = %(feed)s and digest = %(digest)s)
    and vendor = any(%(vendors)s)
    and date = any(%(dates)s)
    and amount = any(%(amounts)s)
    and category = any(%(categories)s)
