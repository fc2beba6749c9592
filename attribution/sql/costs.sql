-- name: spread_spend
-- What did each day cost: spend over the days of its period, in the account's currency and net of VAT, in ten-thousandths
-- that add up to the whole?
--
-- A row's currency is turned by the rate of its first day, and the row is rounded once, half up. Without a rate it is left out.
insert into daily_costs (run, date, origin, dealer, brand, part, cost, impressions, clicks)
with
toInt256(round(if({net_of_vat:Bool}, {vat_percent:Float64}, 0) * 10000)) as vat,
worth as (
    select
        s.*, toInt64(dateDiff('day', `from`, `to`)) + 1 as days,
        toInt256(toDecimal128(cost, 4) * 10000) * toInt256(r.rate * 10000000000) * 1000000 as above,
        toInt256(10000000000) * (1000000 + if(vat_included, vat, 0)) as below,
        toInt64(intDiv(2 * above + below, 2 * below)) as units
    from (select * from spend final) as s
    asof inner join rates_of_run(run = {run:UInt32}, currency = {currency:String}) as r
        on s.currency = r.currency and s.`from` >= r.date
)
select
    {run:UInt32}, `from` + day, o.origin, worth.dealer, b.brand, 'media',
    toDecimal128(
        intDiv(units, days) + intDiv(units % days * (day + 1), days) - intDiv(units % days * day, days), 4) / 10000,
    intDiv(impressions * (day + 1), days) - intDiv(impressions * day, days),
    intDiv(clicks * (day + 1), days) - intDiv(clicks * day, days)
from worth
inner join (select * from spend_origins where run = {run:UInt32}) as o
    on worth.source = o.source and worth.medium = o.medium and worth.campaign = o.campaign
    and worth.content = o.content and worth.contractor = o.contractor and worth.region = o.region
left join (select dealer, brand from dealers where run = {run:UInt32}) as b on worth.dealer = b.dealer
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

-- name: note_missing_rates
-- Which money has no rate, so that it is in no sum? Days are those whose rate is missing; of deals, the days of sale.
insert into missing_rates
with
spent as (
    select 'spend' as family, currency, `from` as date, cost as amount
    from spend final
    where currency not in ('', {currency:String}) and cost > 0
),
agreed as (
    select
        'fees' as family, currency,
        greatest(toStartOfMonth(since), (select min(date) from daily_costs where run = {run:UInt32})) as date,
        fixed_month as amount
    from contractor_fees
    where run = {run:UInt32} and currency not in ('', {currency:String})
),
foreign_deals as (
    select
        deal_id, argMaxIf((currency, amount), (occurred_at, id), amount is not null) as of_amount,
        argMaxIf((currency, margin), (occurred_at, id), margin is not null) as of_margin,
        if(of_margin.1 = of_amount.1, [of_amount], [of_amount, of_margin]) as told
    from deals final
    where deal_id in (select deal_id from deals where currency not in ('', {currency:String}))
    group by deal_id
),
sold as (
    select
        'deals' as family, money.1 as currency, toDate(c.at, {timezone:String}) as date, coalesce(money.2, 0) as amount
    from (select * from conversions_of_run(run = {run:UInt32}) where kind in ('sale', 'service_visit')) as c
    inner join foreign_deals as d on c.id = d.deal_id
    array join d.told as money
    where money.2 != 0
)
select {run:UInt32}, m.family, m.currency, min(m.date), max(m.date), count(), sum(m.amount)
from (select * from spent union all select * from agreed union all select * from sold) as m
asof left join rates_of_run(run = {run:UInt32}, currency = {currency:String}) as r
    on m.currency = r.currency and m.date >= r.date
where r.rate = 0
group by m.family, m.currency
