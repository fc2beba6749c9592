-- name: daily_outcomes
-- What happened each day in each unit, and how much of it are these channels allocated?
with
stored as (select * from credits_of_run(run = {run:UInt32})),
by_markov as (select * from markov_of_run(run = {run:UInt32})),
parts as (
    select
        c.date as date, toString(c.dealer) as dealer, toString(c.brand) as brand, d.city as city,
        toString(o.region) as region, c.kind as kind, c.origin != 0 and has({channels:Array(String)}, o.channel) as is_theirs,
        (toInt64({share:Identifier}) - toInt64({share_before:Identifier})) / 1e9 as part,
        toFloat64(c.revenue) as of_sale, toFloat64(c.margin) as gained
    from {credits:Identifier} as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    left join (select dealer, city from dealers_of_run(run = {run:UInt32})) as d on c.dealer = d.dealer
    where c.date between {from:Date} and {to:Date}
)
select
    {unit:Identifier} as name, date,
    sumIf(part, kind = 'lead') as leads, sumIf(part, kind = 'sale') as sales,
    sumIf(part * of_sale, kind = 'sale') as revenue, sumIf(part * gained, kind = 'sale') as margin,
    sumIf(part, kind = 'lead' and is_theirs) as leads_attributed, sumIf(part, kind = 'sale' and is_theirs) as sales_attributed,
    sumIf(part * of_sale, kind = 'sale' and is_theirs) as revenue_attributed,
    sumIf(part * gained, kind = 'sale' and is_theirs) as margin_attributed
from parts
group by name, date
order by name, date;

-- name: daily_costs_of_channels
-- What did these channels cost each day in each unit?
select {unit:Identifier} as name, date, toFloat64(sum(cost)) as cost
from
(
    select
        c.date as date, toString(c.dealer) as dealer, toString(c.brand) as brand, d.city as city,
        toString(o.region) as region, c.cost as cost
    from costs_of_run(run = {run:UInt32}) as c
    inner join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    left join (select dealer, city from dealers_of_run(run = {run:UInt32})) as d on c.dealer = d.dealer
    where c.date between {from:Date} and {to:Date} and has({channels:Array(String)}, o.channel)
)
group by name, date
order by name, date;

-- name: newest_day
-- Up to which day did anything happen?
select maxOrNull(date) from credits_of_run(run = {run:UInt32})
