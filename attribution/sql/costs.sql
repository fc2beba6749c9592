-- name: spread_spend
-- What did each day cost: spend over the days of its period, net of VAT, in ten-thousandths that add up to the whole?
insert into daily_costs (run, date, origin, dealer, brand, part, cost, impressions, clicks)
with
rows as (
    select
        *, toInt64(dateDiff('day', `from`, `to`)) + 1 as days,
        if(
            vat_included and {net_of_vat:Bool},
            toInt64(round(toFloat64(cost) / (1 + {vat_percent:Float64} / 100) * 10000)),
            toInt64(toDecimal128(cost, 4) * 10000)) as units,
        cityHash64(source, medium, campaign, content, '', contractor, '', '', '', '') as origin
    from spend final
)
select
    {run:UInt32}, `from` + day, origin, rows.dealer, b.brand, 'media',
    toDecimal128(
        intDiv(units, days) + intDiv(units % days * (day + 1), days) - intDiv(units % days * day, days), 4) / 10000,
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
--
-- A month's fixed sum goes to the contractor's media of that month by cost; where it placed none, to its days alone.
-- Percents and months are rounded as running sums, so that the parts of a fee add up to it.
insert into daily_costs (run, date, origin, dealer, brand, part, cost, impressions, clicks)
with
fees as (select *, toInt64(toDecimal128(fixed_month, 4) * 10000) as month_units from contractor_fees where run = {run:UInt32}),
media as (
    select
        c.date as date, c.origin as origin, c.dealer as dealer, c.brand as brand, o.contractor as contractor,
        toInt64(toDecimal128(c.cost, 4) * 10000) as units
    from (select * from daily_costs where run = {run:UInt32} and part = 'media') as c
    inner join (select origin, contractor from origins where base = {base:UInt32}) as o on c.origin = o.origin
    where o.contractor != ''
),
percents as (
    select
        m.date as date, m.origin as origin, m.dealer as dealer, m.brand as brand, m.units as units, f.percent as percent,
        sum(m.units) over (
            partition by f.contractor, f.since, f.until, f.percent order by m.date, m.origin, m.dealer
            rows between unbounded preceding and current row
        ) as upto
    from media as m
    inner join fees as f on m.contractor = f.contractor
    where f.percent > 0 and m.date between f.since and f.until
),
days_of_run as (
    select date from daily_costs where run = {run:UInt32}
    union all
    select date from sessions_of_run(run = {run:UInt32}) group by date having sum(sessions) > 0
    union all
    select date from credits_of_run(run = {run:UInt32})
),
bounds as (
    select min(date) as first_day, max(date) as last_day from days_of_run
),
fixed_days as (
    select
        contractor, day, toStartOfMonth(day) as month, toDayOfMonth(day) as number,
        toDayOfMonth(toLastDayOfMonth(day)) as days,
        intDiv(month_units * number, days) - intDiv(month_units * (number - 1), days) as units
    from fees
    array join arrayMap(
        n -> toDate((select first_day from bounds)) + n,
        range(toUInt32(dateDiff('day', (select first_day from bounds), (select last_day from bounds)) + 1))) as day
    where month_units > 0 and day between since and until
),
placed_months as (
    select
        *, toStartOfMonth(date) as month,
        sum(units) over (
            partition by contractor, month order by date, origin, dealer
            rows between unbounded preceding and current row
        ) as upto,
        sum(units) over (partition by contractor, month) as whole
    from media
    where units > 0
),
brought as (
    select l.date as date, l.origin as origin, l.dealer as dealer, l.brand as brand, o.contractor as contractor,
        sum(l.last_non_direct - l.last_non_direct_before) / 1000000000 as leads
    from (select * from credits_of_run(run = {run:UInt32}) where kind = 'lead') as l
    inner join (select origin, contractor from origins where base = {base:UInt32}) as o on l.origin = o.origin
    where o.contractor != ''
    group by date, origin, dealer, brand, contractor
)
select {run:UInt32}, date, origin, dealer, brand, 'fees', toDecimal128(fee_units, 4) / 10000, 0, 0
from
(
    select date, origin, dealer, brand,
        toInt64(round(upto * percent / 100)) - toInt64(round((upto - units) * percent / 100)) as fee_units
    from percents
    union all
    select p.date, p.origin, p.dealer, p.brand,
        toInt64(round(f.units * (p.upto / p.whole))) - toInt64(round(f.units * ((p.upto - p.units) / p.whole)))
    from placed_months as p
    inner join (select contractor, month, sum(units) as units from fixed_days group by contractor, month) as f
        on p.contractor = f.contractor and p.month = f.month
    union all
    select day, cityHash64('', '', '', '', '', contractor, '', '', '', ''), '', '', units
    from fixed_days
    where (contractor, month) not in (select contractor, month from placed_months)
    union all
    select b.date, b.origin, b.dealer, b.brand, toInt64(round(b.leads * toFloat64(f.per_lead) * 10000))
    from brought as b
    inner join fees as f on b.contractor = f.contractor
    where b.date between f.since and f.until
)
where fee_units > 0
