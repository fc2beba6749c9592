-- name: first_lead
-- On which day of the account's time zone did the first lead come in? 1970 where there is none.
select min(day) as day from opportunities_of_run(run = {run:UInt32}) where has_lead;

-- name: outcome_lags
-- How many days did leads take, by what was known on a day, to be qualified (1), to a visit (2), to a sale (3), and visits
-- to a sale (4)? `observed` is how long each has been watched; what came on `last_day` itself is not counted yet.
with
watched as (
    select
        arrayJoin([1, 2, 3, 4]) as step,
        toDate(reached_at[[2, 4, 7, 7][step]], {timezone:String}) as reached_on,
        if(step = 4, toDate(reached_at[4], {timezone:String}), day) as since
    from opportunities_of_run(run = {run:UInt32})
    where has_lead and not is_service and day < {last_day:Date}
)
select
    step, toInt64(greatest(dateDiff('day', assumeNotNull(since), assumeNotNull(reached_on)), 0)) as lag,
    toInt64(dateDiff('day', assumeNotNull(since), {last_day:Date})) as observed, toInt64(count()) as leads
from watched
where reached_on is not null and since is not null and reached_on < {last_day:Date}
group by step, lag, observed
order by step, lag, observed;

-- name: lead_outcomes
-- By the month in which they came in (counted from year 0), dealer and channel of the last non-direct touch: how many leads
-- were there, how many reached each stage by `last_day`, and of how many is that known, by the shares that come in so many
-- days? Stages count where the deal is of one of `kinds`. `others` are sales of which no lead is known.
with
placed as (
    select
        toInt32(toYear(p.day) * 12 + toMonth(p.day) - 1) as month_number, toString(p.dealer) as dealer_id,
        if(c.origin = 0, '(no touch)', toString(o.channel)) as of_channel, p.has_lead as is_lead,
        if(c.conversion = '', 1, (toInt64(c.last_non_direct) - toInt64(c.last_non_direct_before)) / 1000000000) as part,
        not p.is_service and ({every_kind:Bool} or has({kinds:Array(String)}, toString(p.kind))) as is_of_kind,
        toInt64(dateDiff('day', p.day, {last_day:Date})) as observed,
        toDate(p.reached_at[2], {timezone:String}) as qualified_on, toDate(p.reached_at[4], {timezone:String}) as visited_on,
        toDate(p.reached_at[7], {timezone:String}) as sold_on,
        ifNull(qualified_on < {last_day:Date}, 0) and is_of_kind as is_qualified,
        ifNull(visited_on < {last_day:Date}, 0) and is_of_kind as has_visited,
        ifNull(sold_on < {last_day:Date}, 0) and is_of_kind as is_sold,
        if(has_visited, toInt64(dateDiff('day', assumeNotNull(visited_on), {last_day:Date})), 0) as visit_observed
    from opportunities_of_run(run = {run:UInt32}) as p
    left join
    (
        select kind as credited, conversion, origin, last_non_direct, last_non_direct_before
        from credits_of_run(run = {run:UInt32})
        where last_non_direct != last_non_direct_before
    ) as c
        on p.id = c.conversion and p.credited_kind = c.credited
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    where p.day >= {from:Date} and p.day < {last_day:Date}
)
select
    month_number, dealer_id as dealer, of_channel as channel,
    sumIf(part, is_lead) as leads, sumIf(part, is_lead and is_qualified) as qualified,
    sumIf(part, is_lead and has_visited) as visits, sumIf(part, is_lead and is_sold) as sales,
    sumIf(part * arrayElement({qualified_seen:Array(Float64)}, least(observed, length({qualified_seen:Array(Float64)}) - 1) + 1),
        is_lead) as qualified_known,
    sumIf(part * arrayElement({visits_seen:Array(Float64)}, least(observed, length({visits_seen:Array(Float64)}) - 1) + 1),
        is_lead) as visits_known,
    sumIf(part * arrayElement({sales_seen:Array(Float64)}, least(observed, length({sales_seen:Array(Float64)}) - 1) + 1),
        is_lead) as sales_known,
    sumIf(
        part * arrayElement(
            {visit_sales_seen:Array(Float64)}, least(visit_observed, length({visit_sales_seen:Array(Float64)}) - 1) + 1),
        is_lead and has_visited) as visit_sales_known,
    sumIf(part, not is_lead and is_sold) as others
from placed
group by month_number, dealer, channel
order by month_number, dealer, channel;

-- name: margins_of_sales
-- By dealer: how many sales of leads are there whose margin is told, the sum of these margins, and of their squares?
select
    toString(o.dealer) as dealer, toInt64(count()) as sales, sum(toFloat64(o.margin)) as sum_of_margins,
    sum(toFloat64(o.margin) * toFloat64(o.margin)) as squares
from opportunities_of_run(run = {run:UInt32}) as o
where
    o.has_lead and o.state = 'sold' and not o.is_service and o.margin is not null and o.day >= {from:Date}
    and ({every_kind:Bool} or has({kinds:Array(String)}, toString(o.kind)))
group by dealer
order by dealer
