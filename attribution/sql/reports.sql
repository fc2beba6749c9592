-- name: credit_by
-- What did each group bring: leads, qualified leads, showroom visits, sales, service visits, revenue and margin?
--
-- Counts are in billionths, money in ten-thousandths: whole numbers, so that sums are exact.
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
        c.repeat as repeat, '' as part, '' as everything,
        {share:Identifier} as upto, {share_before:Identifier} as before,
        toInt64(toDecimal128(c.revenue, 4) * 10000) as revenue_units,
        toInt64(toDecimal128(c.margin, 4) * 10000) as margin_units
    from credits_of_run(run = {run:UInt32}) as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    where {calendar:Identifier} between {from:Date} and {to:Date} and upto != before
)
select
    toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by,
    sumIf(toInt64(upto) - toInt64(before), conversion_kind = 'lead') as leads_units,
    sumIf(toInt64(upto) - toInt64(before), conversion_kind = 'qualified') as qualified_units,
    sumIf(toInt64(upto) - toInt64(before), conversion_kind = 'visit') as visits_units,
    sumIf(toInt64(upto) - toInt64(before), conversion_kind = 'sale') as sales_units,
    sumIf(toInt64(upto) - toInt64(before), conversion_kind = 'service_visit') as service_visits_units,
    sum(
        if(upto = 1000000000, revenue_units, 100 * toInt64(round(revenue_units * (upto / 1e9) / 100)))
        - if(before = 1000000000, revenue_units, 100 * toInt64(round(revenue_units * (before / 1e9) / 100)))) as revenue_units,
    sum(
        if(upto = 1000000000, margin_units, 100 * toInt64(round(margin_units * (upto / 1e9) / 100)))
        - if(before = 1000000000, margin_units, 100 * toInt64(round(margin_units * (before / 1e9) / 100)))) as margin_units
from placed
group by by, then_by;

-- name: cost_by
-- What did each group cost, how much of it names no dealer, and how often was it shown and clicked?
with
placed as (
    select
        c.date as day, toMonday(c.date) as week, toStartOfMonth(c.date) as month,
        if(concat(o.source, o.medium, o.campaign) = '', '', o.channel) as channel,
        o.source as source, o.medium as medium, o.campaign as campaign, o.content as content,
        o.term as term, o.contractor as contractor, o.device as device, o.region as region,
        c.dealer as dealer, c.brand as brand, '' as manager, '' as product, '' as kind, '' as repeat,
        toString(c.part) as part, '' as everything,
        c.cost as cost, c.impressions as impressions, c.clicks as clicks
    from costs_of_run(run = {run:UInt32}) as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    where c.date between {from:Date} and {to:Date}
)
select
    toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by,
    toInt64(sum(cost) * 10000) as cost_units, toInt64(sumIf(cost, placed.dealer = '') * 10000) as unnamed_units,
    sum(impressions) as impressions, sum(clicks) as clicks
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
        s.dealer as dealer, s.brand as brand, '' as manager, '' as product, '' as kind, '' as repeat,
        '' as part, '' as everything, s.sessions as sessions
    from sessions_of_run(run = {run:UInt32}) as s
    left join origins_of_run(run = {run:UInt32}) as o on s.origin = o.origin
    where s.date between {from:Date} and {to:Date}
)
select toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by, sum(sessions) as sessions
from placed
group by by, then_by;

-- name: weights_by_leads
-- How many leads did each dealer get? Cost that names no dealer is shared out by these.
select dealer, brand, toFloat64(count()) as weight
from conversions_of_run(run = {run:UInt32})
where
    kind = 'lead' and dealer != ''
    and toDate(at, {timezone:String}) between {from:Date} and {to:Date}
group by dealer, brand
order by dealer;

-- name: weights_even
-- Which dealers share evenly? All that are known: by reference data, or by a conversion.
with
known as (
    select dealer, brand from dealers_of_run(run = {run:UInt32})
    union distinct
    select dealer, brand from conversions_of_run(run = {run:UInt32}) where dealer != ''
)
select dealer, brand, toFloat64(1) as weight from known order by dealer;

-- name: weights_by_hand
-- What weight has each dealer by hand?
select dealer, brand, weight from dealers_of_run(run = {run:UInt32}) where weight > 0 order by dealer
