-- name: balance_history
-- The snapshot with its balances: one for each day that has transactions, or for the last such day of each period that is
-- long enough to make about `most` points. Without booked transactions, it returns one row whose date is null.
with snapshot as (select * from balances.reading where feed = %(feed)s),
days as (select date, balance from balances.day where reading_id = (select id from snapshot)),
chosen as (
    select
        case
            when count(*) <= %(most)s then 'day'
            when max(date) - min(date) <= %(most)s * 7 then 'week'
            when max(date) - min(date) <= %(most)s * 30 then 'month'
            when max(date) - min(date) <= %(most)s * 365 then 'year'
            when max(date) - min(date) <= %(most)s * 3652 then 'decade'
            else 'century'
        end as period
    from days
),
points as (
    select distinct on (date_trunc(period, date::timestamp)) date, balance
    from days
    cross join chosen
    order by date_trunc(period, date::timestamp), date desc
)
select row_to_json(snapshot)::text, period, date, balance::text
from snapshot
cross join chosen
left join points on true
order by date
