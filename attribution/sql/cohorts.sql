-- name: sizes_by
-- How many persons of each group began in the period, and for how many whole months have they been observed since?
--
-- They begin with a lead or sale, or with their first touch, as `beginnings` says.
with
of_conversions as (select * from beginnings_of_run(run = {run:UInt32}, timezone = {timezone:String})),
of_touches as (select * from first_touches_of_run(run = {run:UInt32}, timezone = {timezone:String})),
fromUnixTimestamp64Milli({until:Int64}, 'UTC') as until
select
    toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by,
    toInt64(age('month', begun_at, until, {timezone:String})) as observed, count() as persons
from (select *, '' as everything from {beginnings:Identifier})
where
    start = {start:String} and begun_at <= until and begun_day between {from:Date} and {to:Date}
    and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
    and ({sees_all_contractors:Bool} or has({seen_contractors:Array(String)}, toString(contractor)))
group by by, then_by, observed
order by by, then_by, observed;

-- name: purchases_by
-- What did the persons of each group buy in each month since they began, and what of it in months that are over for them?
--
-- Money is in ten-thousandths: whole numbers, so that sums are exact.
with
of_conversions as (select * from beginnings_of_run(run = {run:UInt32}, timezone = {timezone:String})),
of_touches as (select * from first_touches_of_run(run = {run:UInt32}, timezone = {timezone:String})),
fromUnixTimestamp64Milli({until:Int64}, 'UTC') as until,
bought as (
    select kind as bought_kind, id as bought_id, person as buyer, at as bought_at, repeat, revenue, margin
    from conversions_of_run(run = {run:UInt32})
    where kind in ('sale', 'service_visit') and at <= until
)
select
    toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by,
    toInt64(age('month', begun_at, bought_at, {timezone:String})) as months,
    uniqExactIf(person, is_again) as active, uniqExactIf(person, is_again and is_over) as active_over,
    countIf(bought_kind = 'sale') as sales, countIf(bought_kind = 'sale' and repeat = 'repeat') as repeat_sales,
    countIf(bought_kind = 'service_visit') as service_visits,
    toInt64(sum(revenue) * 10000) as revenue_units, toInt64(sum(margin) * 10000) as margin_units,
    toInt64(sumIf(revenue, bought_kind = 'service_visit') * 10000) as service_revenue_units,
    toInt64(sumIf(revenue, is_over) * 10000) as revenue_over_units, toInt64(sumIf(margin, is_over) * 10000) as margin_over_units
from
(
    select
        p.*, '' as everything, b.bought_kind as bought_kind, b.bought_at as bought_at, b.repeat as repeat,
        b.revenue as revenue, b.margin as margin,
        not (b.bought_kind = p.start and b.bought_id = p.id) as is_again,
        age('month', p.begun_at, b.bought_at, {timezone:String}) < age('month', p.begun_at, until, {timezone:String}) as is_over
    from
    (
        select *
        from {beginnings:Identifier}
        where
            start = {start:String} and begun_at <= until and begun_day between {from:Date} and {to:Date}
            and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
            and ({sees_all_contractors:Bool} or has({seen_contractors:Array(String)}, toString(contractor)))
    ) as p
    inner join bought as b on p.person = b.buyer
    where b.bought_at >= p.begun_at
)
group by by, then_by, months
order by by, then_by, months;

-- name: customers_by
-- How often and until when did each customer of each group buy again, and what was it worth?
--
-- Purchases of one day are one. Times are whole days since the first purchase; `horizon_margins` is the margin so far within
-- each of `horizons` months of 30.4375 days. `is_asked` tells those who began in the period.
with
fromUnixTimestamp64Milli({until:Int64}, 'UTC') as until
select
    toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by,
    begun_day between {from:Date} and {to:Date} as is_asked,
    toInt64(uniqExactIf(bought_day, bought_day > begun_day)) as x,
    toInt64(dateDiff('day', begun_day, max(bought_day))) as t_x,
    toInt64(dateDiff('day', begun_day, toDate(until, {timezone:String}))) as T,
    sumIf(margin, bought_day > begun_day) as again_margin,
    sumForEach(arrayMap(
        horizon -> if(dateDiff('day', begun_day, bought_day) < horizon * 30.4375, margin, 0),
        {horizons:Array(UInt16)})) as horizon_margins
from
(
    select p.*, '' as everything, toDate(b.bought_at, {timezone:String}) as bought_day, b.bought_margin as margin
    from
    (
        select *
        from beginnings_of_run(run = {run:UInt32}, timezone = {timezone:String})
        where
            start = 'sale' and begun_at <= until
            and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
            and ({sees_all_contractors:Bool} or has({seen_contractors:Array(String)}, toString(contractor)))
    ) as p
    inner join
    (
        select person as buyer, at as bought_at, toFloat64(margin) as bought_margin
        from conversions_of_run(run = {run:UInt32})
        where kind in ('sale', 'service_visit') and at <= until
    ) as b on p.person = b.buyer
    where b.bought_at >= p.begun_at
)
group by by, then_by, person, begun_day
order by by, then_by, person
