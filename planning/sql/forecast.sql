-- name: monthly_counts
-- How many sales, leads, calls and service visits did each dealer have in each whole month, by kind of deal?
-- Months are the account's, counted from year 0. A conversion is of the month it was reached in, a call of that in which
-- it came in. `first_day` is the day of the month on which the first of them was.
with
counted as (
    select
        multiIf(kind = 'sale', 'sales', kind = 'lead', 'leads', 'service_visits') as measure, toString(dealer) as dealer,
        toString(deal_kind) as deal_kind, toDate(at, {timezone:String}) as day
    from conversions_of_run(run = {run:UInt32})
    where kind in ('sale', 'lead', 'service_visit')
    union all
    select 'calls', toString(dealer), '', toDate(at, {timezone:String})
    from tracked_calls(run = {run:UInt32}, timezone = {timezone:String}, since = 0)
)
select
    measure, dealer, deal_kind as kind, toInt32(toYear(day) * 12 + toMonth(day) - 1) as month_number,
    count() as happened, min(toDayOfMonth(day)) as first_day
from counted
where day >= {from:Date} and day < {until:Date}
group by measure, dealer, kind, month_number
order by measure, dealer, kind, month_number
