-- name: lead_cells
-- How far did the leads of each dealer come, by what they were: brand, product, channel, kind of request and month?
with
stored as (select * from credits_of_run(run = {run:UInt32})),
by_markov as (select * from markov_of_run(run = {run:UInt32})),
channels as (
    select c.conversion as id, argMax(if(c.origin = 0, '(no touch)', toString(o.channel)), (upto - before, c.origin)) as channel
    from
    (
        select conversion, origin, {share:Identifier} as upto, {share_before:Identifier} as before
        from {credits:Identifier}
        where kind = 'lead'
    ) as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    group by id
),
requests as (select id, kind from leads final)
select
    l.dealer as dealer, l.brand as brand, l.product as product, c.channel as channel, r.kind as kind,
    toString(toStartOfMonth(toDate(l.at, {timezone:String}))) as month,
    count() as leads, countIf(l.is_qualified) as qualified, countIf(l.is_visit) as visits, countIf(l.is_sale) as sales
from lead_outcomes_of_run(run = {run:UInt32}) as l
left join channels as c on l.id = c.id
left join requests as r on l.id = r.id
where toDate(l.at, {timezone:String}) between {from:Date} and {to:Date} and l.dealer != ''
group by dealer, brand, product, channel, kind, month
order by dealer, brand, product, channel, kind, month;

-- name: dealers_known
-- Which dealers are there, of which brand and city?
select dealer, anyLast(brand) as brand, anyLast(city) as city
from
(
    select dealer, brand, '' as city from conversions_of_run(run = {run:UInt32}) where dealer != ''
    union all
    select dealer, brand, city from dealers_of_run(run = {run:UInt32})
)
group by dealer
order by dealer;

-- name: margin_squares
-- What are the squares of the margins that each group was allocated, conversion by conversion: how much do sums scatter?
with
stored as (select * from credits_of_run(run = {run:UInt32})),
by_markov as (select * from markov_of_run(run = {run:UInt32})),
parts as (
    select
        if(c.origin = 0, '(no touch)', toString(o.contractor)) as contractor, toString(c.dealer) as dealer,
        if(c.origin = 0, '(no touch)', toString(o.channel)) as channel,
        toString(toStartOfMonth(c.date)) as month, '' as everything, c.kind as kind, c.conversion as conversion,
        toFloat64(c.margin) * (toInt64({share:Identifier}) - toInt64({share_before:Identifier})) / 1e9 as margin
    from {credits:Identifier} as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    where
        c.date between {from:Date} and {to:Date} and c.margin != 0
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(c.dealer)))
        and ({sees_all_contractors:Bool} or has({seen_contractors:Array(String)}, toString(if(c.origin = 0, '', o.contractor))))
),
allocated as (
    select {by:Identifier} as group_by, {then_by:Identifier} as group_then_by, kind, conversion, sum(margin) as part
    from parts
    group by group_by, group_then_by, kind, conversion
)
select
    if(group_by = '', '(none)', group_by) as by, if(group_then_by = '', '(none)', group_then_by) as then_by,
    sum(part * part) as squares
from allocated
group by by, then_by;

-- name: contractor_leads
-- How many leads of the period was each contractor allocated, and how many of those became sales?
with
stored as (select * from credits_of_run(run = {run:UInt32})),
by_markov as (select * from markov_of_run(run = {run:UInt32}))
select
    multiIf(c.origin = 0, '(no touch)', o.contractor = '', '(none)', toString(o.contractor)) as contractor,
    toString(toStartOfMonth(c.date)) as month,
    sum(toInt64({share:Identifier}) - toInt64({share_before:Identifier})) / 1e9 as cohort_leads,
    sumIf(toInt64({share:Identifier}) - toInt64({share_before:Identifier}), l.is_sale) / 1e9 as cohort_sales
from
(
    select *
    from {credits:Identifier}
    where
        kind = 'lead' and date between {from:Date} and {to:Date}
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
) as c
left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
left join lead_outcomes_of_run(run = {run:UInt32}) as l on c.conversion = l.id
group by contractor, month
order by contractor, month;

-- name: contractor_costs
-- What did each contractor's media cost, and what did it take in fees?
select
    if(o.contractor = '', '(none)', toString(o.contractor)) as contractor, toString(toStartOfMonth(c.date)) as month,
    toFloat64(sumIf(c.cost, c.part = 'fees')) as fees, toFloat64(sumIf(c.cost, c.part != 'fees')) as media
from costs_of_run(run = {run:UInt32}) as c
left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
where c.date between {from:Date} and {to:Date}
group by contractor, month
order by contractor, month
