-- name: stays
-- How many opportunities stayed for how many whole days in each stage, and how did it end?
--
-- Stages count from 0, lead, to 5, contract; ends are later stages, 6 a sale, 7 lost, 8 still there. Whoever is seen in a
-- stage before the one already reached has not gone back.
with
fromUnixTimestamp64Milli({until:Int64}, 'UTC') as until,
stepped as (
    select
        multiIf(state = 'sold', (assumeNotNull(seen_at[7]), 6), state = 'lost', (assumeNotNull(lost_at), 7), (until, 8)) as end,
        arrayFold(
            (kept, step) -> if(step.2 > kept[-1].2 and step.1 <= end.1, arrayPushBack(kept, step), kept),
            arraySort(arrayFilter(
                step -> step.1 > toDateTime64(0, 3, 'UTC'),
                arrayMap(place -> (ifNull(seen_at[place + 1], toDateTime64(0, 3, 'UTC')), place), [1, 2, 3, 4, 5]))),
            [(at, toUInt8(0))]) as steps
    from opportunities_of_run(run = {run:UInt32})
    where not is_service and at <= until
)
select
    toInt64(steps[i].2) as stage, toInt64(arrayPushBack(steps, end)[i + 1].2) as ending,
    intDiv(dateDiff('millisecond', steps[i].1, greatest(steps[i].1, arrayPushBack(steps, end)[i + 1].1)), 86400000) as days,
    count() as n
from stepped
array join arrayEnumerate(steps) as i
group by stage, ending, days
order by stage, ending, days;

-- name: track_records
-- Of the opportunities of each dealer that reached a stage so many days ago, how many were sold, after how many days?
--
-- A lag of -1 stands for those not sold.
with
toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'), {timezone:String}) as last_day
select
    place - 1 as stage, dealer,
    toInt64(dateDiff('day', toDate(reached_at[place], {timezone:String}), last_day)) as observed,
    toInt64(if(
        state = 'sold',
        greatest(dateDiff('day', toDate(reached_at[place], {timezone:String}), toDate(seen_at[7], {timezone:String})), 0),
        -1)) as lag,
    count() as n
from opportunities_of_run(run = {run:UInt32})
array join [1, 2, 3, 4, 5, 6] as place
where not is_service and reached_at[place] is not null and toDate(reached_at[place], {timezone:String}) <= last_day
group by stage, dealer, observed, lag
order by stage, dealer, observed, lag;

-- name: values_of_sales
-- What were the sales of each dealer worth?
select
    dealer, countIf(amount is not null) as amounts, countIf(margin is not null) as margins,
    ifNull(sum(toFloat64(amount)), 0) as amount_sum, ifNull(sum(toFloat64(amount) * toFloat64(amount)), 0) as amount_squares,
    ifNull(sum(toFloat64(margin)), 0) as margin_sum, ifNull(sum(toFloat64(margin) * toFloat64(margin)), 0) as margin_squares
from opportunities_of_run(run = {run:UInt32})
where not is_service and state = 'sold'
group by dealer
order by dealer;

-- name: open_by
-- Which opportunities are open, in which stage, since how many whole days, and worth what, where that is known?
with
fromUnixTimestamp64Milli({until:Int64}, 'UTC') as until,
opened as (
    select
        *, '' as everything,
        arrayLastIndex(moment -> moment is not null and moment <= until, seen_at) as place,
        intDiv(dateDiff('millisecond', least(seen_at[place], until), until), 86400000) as days,
        ['lead', 'qualified', 'appointment', 'visit', 'test_drive', 'contract', 'contract'][place] as stage,
        multiIf(
            days < 8, '0–7 days', days < 15, '8–14 days', days < 31, '15–30 days', days < 61, '31–60 days', days < 91,
            '61–90 days', 'over 90 days') as age
    from opportunities_of_run(run = {run:UInt32})
    where
        not is_service and state = 'open' and at <= until
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
)
select
    toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by, toInt64(least(place, 6)) - 1 as place,
    toInt64(days) as days, opened.dealer as dealer, count() as n,
    countIf(amount is not null) as amounts, ifNull(sum(toFloat64(amount)), 0) as amount_sum,
    countIf(margin is not null) as margins, ifNull(sum(toFloat64(margin)), 0) as margin_sum
from opened
group by by, then_by, place, days, dealer
order by by, then_by, place, days, dealer
