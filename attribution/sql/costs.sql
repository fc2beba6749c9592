-- name: spread_spend
-- What did each day cost: spend over the days of its period, net of VAT, to the hundredth of a kopeck?
insert into daily_costs (run, date, origin, dealer, brand, part, cost, impressions, clicks)
with
rows as (
    select
        *, toUInt32(dateDiff('day', `from`, `to`)) + 1 as days,
        if(vat_included and {net_of_vat:Bool}, toFloat64(cost) / (1 + {vat_percent:Float64} / 100), toFloat64(cost)) as net,
        toInt64(round(net * 10000)) as units,
        cityHash64(source, medium, campaign, content, '', contractor, '', '', '', '') as origin
    from spend final
)
select
    {run:UInt32}, `from` + day, origin, rows.dealer, b.brand, 'media',
    toDecimal64(intDiv(units * (day + 1), days) - intDiv(units * day, days), 4) / 10000,
    intDiv(impressions * (day + 1), days) - intDiv(impressions * day, days),
    intDiv(clicks * (day + 1), days) - intDiv(clicks * day, days)
from rows
left join (select dealer, brand from dealers where run = {run:UInt32}) as b on rows.dealer = b.dealer
array join range(days) as day;

-- name: add_message_costs
-- What did messages cost?
insert into daily_costs (run, date, origin, dealer, brand, part, cost, impressions, clicks)
select
    {run:UInt32}, toDate(occurred_at, {timezone:String}) as date,
    cityHash64(channel, channel, campaign, '', '', '', '', '', '', ''), '', '', 'messages', sum(cost), 0, 0
from messages final
where cost > 0
group by date, channel, campaign;

-- name: add_fees
-- What do the contractors take: percent of their media, a fixed sum a month, and a sum per lead?
insert into daily_costs (run, date, origin, dealer, brand, part, cost, impressions, clicks)
with
fees as (select * from contractor_fees where run = {run:UInt32}),
media as (
    select c.date as date, c.origin as origin, c.dealer as dealer, c.brand as brand, o.contractor as contractor, c.cost as cost
    from (select * from daily_costs where run = {run:UInt32} and part = 'media') as c
    inner join (select origin, contractor from origins where run = {run:UInt32}) as o on c.origin = o.origin
    where o.contractor != ''
),
bounds as (
    select min(date) as first_day, max(date) as last_day from daily_costs where run = {run:UInt32}
),
brought as (
    select l.date as date, l.origin as origin, l.dealer as dealer, l.brand as brand, o.contractor as contractor,
        sum(l.last_non_direct - l.last_non_direct_before) / 1000000000 as leads
    from (select * from credits where run = {run:UInt32} and kind = 'lead') as l
    inner join (select origin, contractor from origins where run = {run:UInt32}) as o on l.origin = o.origin
    where o.contractor != ''
    group by date, origin, dealer, brand, contractor
)
select {run:UInt32}, date, origin, dealer, brand, 'fees', toDecimal64(fee, 4), 0, 0
from
(
    select m.date as date, m.origin as origin, m.dealer as dealer, m.brand as brand,
        round(toFloat64(m.cost) * f.percent / 100, 4) as fee
    from media as m
    inner join fees as f on m.contractor = f.contractor
    where m.date between f.since and f.until
    union all
    select day, cityHash64('', '', '', '', '', f.contractor, '', '', '', ''), '', '',
        round(toFloat64(f.fixed_month) / toDayOfMonth(toLastDayOfMonth(day)), 4)
    from fees as f
    array join arrayMap(
        n -> toDate((select first_day from bounds)) + n,
        range(toUInt32(dateDiff('day', (select first_day from bounds), (select last_day from bounds)) + 1))) as day
    where f.fixed_month > 0 and day between f.since and f.until
    union all
    select b.date, b.origin, b.dealer, b.brand, round(b.leads * toFloat64(f.per_lead), 4)
    from brought as b
    inner join fees as f on b.contractor = f.contractor
    where b.date between f.since and f.until
)
where fee > 0
