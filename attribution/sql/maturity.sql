-- name: touch_lags
-- How many days after their touches did conversions come, how much of them, and for how many days has each day been observed?
--
-- In billionths of a conversion; `since` is the day of the touch.
with
stored as (select * from credits_of_run(run = {run:UInt32})),
by_markov as (select * from markov_of_run(run = {run:UInt32})),
toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'), {timezone:String}) as last_day
select
    touch_date as since, toInt64(greatest(dateDiff('day', touch_date, date), 0)) as lag,
    toInt64(dateDiff('day', touch_date, last_day)) as observed,
    sum(toInt64({share:Identifier}) - toInt64({share_before:Identifier})) as units
from {credits:Identifier}
where
    kind = {kind:String} and origin != 0 and touch_date <= last_day
    and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
group by since, lag, observed
having units > 0
order by since, lag;

-- name: touches_begun
-- How many touches were there on each day of the period?
with
toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'), {timezone:String}) as last_day
select
    toDate(at, {timezone:String}) as since, toInt64(dateDiff('day', since, last_day)) as observed,
    1000000000 * toInt64(count()) as units
from touches_of_run(run = {run:UInt32})
where since between {from:Date} and {to:Date} and since <= last_day
group by since
order by since;

-- name: stage_lags
-- How many days after they were opened did opportunities reach a stage, and for how many days has each day been observed?
--
-- In billionths, as above; `since` is the day on which they were opened.
with
toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'), {timezone:String}) as last_day
select
    day as since, toInt64(dateDiff('day', day, toDate(reached_at[{stage:UInt8}], {timezone:String}))) as lag,
    toInt64(dateDiff('day', day, last_day)) as observed, 1000000000 * toInt64(count()) as units
from opportunities_of_run(run = {run:UInt32})
where
    not is_service and day <= last_day and reached_at[{stage:UInt8}] is not null
    and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
group by since, lag, observed
order by since, lag;

-- name: opportunities_begun
-- How many opportunities were opened on each day of the period?
with
toDate(fromUnixTimestamp64Milli({until:Int64}, 'UTC'), {timezone:String}) as last_day
select day as since, toInt64(dateDiff('day', day, last_day)) as observed, 1000000000 * toInt64(count()) as units
from opportunities_of_run(run = {run:UInt32})
where
    not is_service and day between {from:Date} and {to:Date} and day <= last_day
    and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
group by since
order by since
