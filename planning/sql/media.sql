-- name: spend_and_leads
-- What each day, in the account's time zone, cost and brought by dealer, channel, campaign and contractor: cost in
-- ten-thousandths, leads of last non-direct touches in billionths. With `by_day` false, the whole period as its first day.
-- Cost and leads that name no dealer are nobody's here.
with
spent as (
    select
        if({by_day:Bool}, date, {from:Date}) as day, origin, toString(dealer) as dealer,
        sum(toInt64(toDecimal128(cost, 4) * 10000)) as cost_sum, toInt64(sum(impressions)) as impressions_sum,
        toInt64(sum(clicks)) as clicks_sum
    from costs_of_run(run = {run:UInt32})
    where date between {from:Date} and {to:Date} and dealer != ''
    group by day, origin, dealer
),
brought as (
    select
        if({by_day:Bool}, date, {from:Date}) as day, origin, toString(dealer) as dealer,
        sum(toInt64(last_non_direct) - toInt64(last_non_direct_before)) as leads_sum
    from credits_of_run(run = {run:UInt32})
    where date between {from:Date} and {to:Date} and kind = 'lead' and dealer != ''
    group by day, origin, dealer
),
placed as (
    select
        s.day as day, s.dealer as dealer,
        toString(if(concat(o.source, o.medium, o.campaign) = '', '', o.channel)) as channel,
        toString(o.campaign) as campaign, toString(o.contractor) as contractor, s.cost_sum as cost,
        s.impressions_sum as impressions, s.clicks_sum as clicks, toInt64(0) as leads
    from spent as s
    left join origins_of_run(run = {run:UInt32}) as o on s.origin = o.origin
    union all
    select
        b.day, b.dealer, toString(if(b.origin = 0, '', o.channel)), toString(o.campaign), toString(o.contractor), 0, 0, 0,
        b.leads_sum
    from brought as b
    left join origins_of_run(run = {run:UInt32}) as o on b.origin = o.origin
)
select
    day, dealer, channel, campaign, contractor, sum(p.cost) as cost, sum(p.impressions) as impressions,
    sum(p.clicks) as clicks, sum(p.leads) as leads
from placed as p
group by day, dealer, channel, campaign, contractor
having cost != 0 or impressions != 0 or clicks != 0 or leads != 0
order by dealer, channel, campaign, contractor, day;

-- name: spend_by_weekday
-- What each channel cost on each day of the week, Monday being 1, in ten-thousandths.
select
    toString(if(concat(o.source, o.medium, o.campaign) = '', '', o.channel)) as channel, toDayOfWeek(c.date) as weekday,
    sum(toInt64(toDecimal128(c.cost, 4) * 10000)) as cost
from costs_of_run(run = {run:UInt32}) as c
left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
where c.date between {from:Date} and {to:Date}
group by channel, weekday
