-- name: credit_by
-- What did each group bring: leads, qualified leads, showroom visits, sales, service visits, revenue and margin?
with
placed as (
    select
        c.kind as conversion_kind, {calendar:Identifier} as day,
        toMonday({calendar:Identifier}) as week, toStartOfMonth({calendar:Identifier}) as month,
        if(c.origin = 0, '(no touch)', o.channel) as channel, if(c.origin = 0, '(no touch)', o.source) as source,
        if(c.origin = 0, '(no touch)', o.medium) as medium, if(c.origin = 0, '(no touch)', o.campaign) as campaign,
        if(c.origin = 0, '(no touch)', o.content) as content, if(c.origin = 0, '(no touch)', o.term) as term,
        if(c.origin = 0, '(no touch)', o.contractor) as contractor, if(c.origin = 0, '(no touch)', o.device) as device,
        if(c.origin = 0, '(no touch)', o.region) as region,
        c.dealer as dealer, c.brand as brand, c.manager as manager, c.product as product, c.deal_kind as kind,
        c.repeat as repeat, '' as everything,
        {share:Identifier} as upto, {share_before:Identifier} as before,
        toInt64(c.revenue * 10000) as revenue_units, toInt64(c.margin * 10000) as margin_units
    from credits as c
    left join (select * from origins where run = {run:UInt32}) as o on c.origin = o.origin
    where c.run = {run:UInt32} and {calendar:Identifier} between {from:Date} and {to:Date} and upto != before
)
select
    toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by,
    sumIf(toInt64(upto) - toInt64(before), conversion_kind = 'lead') / 1e9 as leads,
    sumIf(toInt64(upto) - toInt64(before), conversion_kind = 'qualified') / 1e9 as qualified,
    sumIf(toInt64(upto) - toInt64(before), conversion_kind = 'visit') / 1e9 as visits,
    sumIf(toInt64(upto) - toInt64(before), conversion_kind = 'sale') / 1e9 as sales,
    sumIf(toInt64(upto) - toInt64(before), conversion_kind = 'service_visit') / 1e9 as service_visits,
    sum(
        if(upto = 1000000000, revenue_units, 100 * toInt64(round(revenue_units * (upto / 1e9) / 100)))
        - if(before = 1000000000, revenue_units, 100 * toInt64(round(revenue_units * (before / 1e9) / 100)))) as revenue_units,
    sum(
        if(upto = 1000000000, margin_units, 100 * toInt64(round(margin_units * (upto / 1e9) / 100)))
        - if(before = 1000000000, margin_units, 100 * toInt64(round(margin_units * (before / 1e9) / 100)))) as margin_units
from placed
group by by, then_by;

-- name: cost_by
-- What did each group cost, and how often was it shown and clicked?
with
placed as (
    select
        c.date as day, toMonday(c.date) as week, toStartOfMonth(c.date) as month,
        o.channel as channel, o.source as source, o.medium as medium, o.campaign as campaign, o.content as content,
        o.term as term, o.contractor as contractor, o.device as device, o.region as region,
        c.dealer as dealer, c.brand as brand, '' as manager, '' as product, '' as kind, '' as repeat, '' as everything,
        c.cost as cost, c.impressions as impressions, c.clicks as clicks
    from daily_costs as c
    left join (select * from origins where run = {run:UInt32}) as o on c.origin = o.origin
    where c.run = {run:UInt32} and c.date between {from:Date} and {to:Date}
)
select
    toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by,
    toInt64(sum(cost) * 10000) as cost_units, sum(impressions) as impressions, sum(clicks) as clicks
from placed
group by by, then_by;

-- name: sessions_by
-- How many site visits did each group bring?
with
placed as (
    select
        s.date as day, toMonday(s.date) as week, toStartOfMonth(s.date) as month,
        o.channel as channel, o.source as source, o.medium as medium, o.campaign as campaign, o.content as content,
        o.term as term, o.contractor as contractor, o.device as device, o.region as region,
        s.dealer as dealer, s.brand as brand, '' as manager, '' as product, '' as kind, '' as repeat, '' as everything,
        s.sessions as sessions
    from daily_sessions as s
    left join (select * from origins where run = {run:UInt32}) as o on s.origin = o.origin
    where s.run = {run:UInt32} and s.date between {from:Date} and {to:Date}
)
select toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by, sum(sessions) as sessions
from placed
group by by, then_by;

-- name: leads_by_dealer
-- How many leads did each dealer get? Cost that names no dealer is shared out by these.
select dealer, count() as weight
from conversions
where
    run = {run:UInt32} and kind = 'lead' and dealer != ''
    and toDate(at, {timezone:String}) between {from:Date} and {to:Date}
group by dealer
order by dealer;

-- name: dealer_brands
-- Which brand does each dealer sell, and what weight has it by hand?
select dealer, brand, weight from dealers where run = {run:UInt32} order by dealer
