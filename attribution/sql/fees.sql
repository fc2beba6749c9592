-- name: are_any_agreed
-- Do any contractors take fees?
select count() > 0 from contractor_fees where run = {run:UInt32};

-- name: hold_fees
-- What was agreed with contractors for each month: the days on which it holds, and its amounts in the account's currency?
--
-- A fixed sum, and a minimum, are of the month's days on which the agreement holds, up to the last day that anything is
-- known of. Amounts in another currency are turned by the rate of the month's first day; without one the agreement is left
-- out.
insert into fee_months
with
days_of_run as (
    select date from daily_costs where run = {run:UInt32}
    union all
    select date from sessions_of_run(run = {run:UInt32}) group by date having sum(sessions) > 0
    union all
    select toDate(at, {timezone:String}) as date from conversions_of_run(run = {run:UInt32})
),
(select (min(date), max(date)) from days_of_run) as known_days,
agreed as (
    select
        *, toInt256(toDecimal128(fixed_month, 4) * 10000) as fixed_told,
        toInt256(toDecimal128(per_lead, 4) * 10000) as lead_told, toInt256(toDecimal128(minimum, 4) * 10000) as minimum_told,
        if(maximum is null, toInt256(-1), toInt256(toDecimal128(coalesce(maximum, 0), 4) * 10000)) as maximum_told,
        arrayMap(
            step -> (toInt256(toDecimal128(step.1, 4) * 10000), toInt256(round(step.2 * 1000000000000))),
            JSONExtract(steps, 'Array(Tuple(above String, percent Float64))')) as steps_told,
        greatest(since, known_days.1) as first_day, least(until, known_days.2) as last_day
    from contractor_fees
    where run = {run:UInt32}
),
months as (
    select
        *, month, greatest(first_day, month) as first_held, least(last_day, toLastDayOfMonth(month)) as last_held,
        toDayOfMonth(first_held) - 1 as before, toDayOfMonth(last_held) as upto,
        toInt256(toDayOfMonth(toLastDayOfMonth(month))) as month_days
    from agreed
    array join if(
        last_day < first_day, [],
        arrayMap(
            n -> toDate(addMonths(toStartOfMonth(first_day), n)), range(toUInt32(dateDiff('month', first_day, last_day)) + 1))
    ) as month
),
valued as (
    select
        m.*, toInt256(r.rate * 10000000000) as rate, toInt256(10000000000) as one,
        intDiv(2 * fixed_told * rate + one, 2 * one) as fixed_units,
        intDiv(2 * minimum_told * rate + one, 2 * one) as minimum_units
    from months as m
    asof inner join rates_of_run(run = {run:UInt32}, currency = {currency:String}) as r
        on m.currency = r.currency and m.month >= r.date
)
select
    {run:UInt32}, fee, contractor, month, first_held, last_held, toInt256(round(percent * 1000000000000)), steps_of,
    arrayMap(step -> (intDiv(2 * step.1 * rate + one, 2 * one), step.2), steps_told),
    intDiv(fixed_units * upto, month_days) - intDiv(fixed_units * before, month_days),
    intDiv(minimum_units * upto, month_days) - intDiv(minimum_units * before, month_days),
    if(maximum_told < 0, maximum_told, intDiv(2 * maximum_told * rate + one, 2 * one)),
    lead_told * rate
from valued;

-- name: base_fees
-- What do fees go by: media of the days on which each holds (`media`), all media of the contractor's month (`month`), and
-- leads at their price (`leads`)? In whole ten-thousandths.
insert into fee_bases
with
held as (
    select * from fee_months where run = {run:UInt32}
),
contracted as (
    select origin, toString(contractor) as contractor
    from origins
    where base = {base:UInt32} and contractor in (select contractor from held)
),
media as (
    select
        c.date as date, c.origin as origin, c.dealer as dealer, c.brand as brand, o.contractor as contractor,
        sum(toInt256(toDecimal128(c.cost, 4) * 10000)) as units
    from (select * from daily_costs where run = {run:UInt32} and part = 'media' and cost > 0) as c
    inner join contracted as o on c.origin = o.origin
    group by date, origin, dealer, brand, contractor
),
leads as (
    select
        l.date as date, l.origin as origin, l.dealer as dealer, l.brand as brand, o.contractor as contractor,
        toInt256(sum(toInt64(l.last_non_direct) - toInt64(l.last_non_direct_before))) as billionths
    from (select * from credits_of_run(run = {run:UInt32}) where kind = 'lead') as l
    inner join contracted as o on l.origin = o.origin
    group by date, origin, dealer, brand, contractor
)
select {run:UInt32}, h.fee, h.month, part, m.date, m.origin, m.dealer, m.brand, m.units
from media as m
inner join held as h on m.contractor = h.contractor and toStartOfMonth(m.date) = h.month
array join if(m.date between h.first_held and h.last_held, ['media', 'month'], ['month']) as part
union all
select
    {run:UInt32}, h.fee, h.month, 'leads', l.date, l.origin, l.dealer, l.brand,
    intDiv(2 * l.billionths * h.lead_price + toInt256('10000000000000000000'), toInt256('20000000000000000000'))
from leads as l
inner join held as h on l.contractor = h.contractor and toStartOfMonth(l.date) = h.month
where h.lead_price > 0 and l.date between h.first_held and h.last_held;

-- name: note_fee_months
-- In which months do fees differ from those of the run before?
insert into changed_fee_months
select {run:UInt32}, month
from
(
    select run, month, cityHash64(fee, part, date, origin, dealer, brand, units) as told
    from fee_bases
    where run in ({run:UInt32}, {previous:UInt32})
    union all
    select
        run, month,
        cityHash64(
            fee, contractor, first_held, last_held, percent, steps_of, steps, fixed_units, minimum_units, maximum_units,
            lead_price)
    from fee_months
    where run in ({run:UInt32}, {previous:UInt32})
)
group by month
having sumIf(told, run = {run:UInt32}) != sumIf(told, run = {previous:UInt32});

-- name: carry_fees
-- What do the contractors take in the other months?
insert into daily_costs (run, date, origin, dealer, brand, part, cost, impressions, clicks)
select {run:UInt32}, date, origin, dealer, brand, part, cost, impressions, clicks
from daily_costs
where
    run = {previous:UInt32} and part = 'fees'
    and toStartOfMonth(date) not in (select month from changed_fee_months where run = {run:UInt32});

-- name: add_fees
-- What do the contractors take: percent or steps of their media, a fixed sum a month, and a sum per lead?
--
-- Each agreement is reckoned for each month. What its parts lack of the minimum is added to the fixed sum, which goes to
-- the contractor's media of the month by cost; where it placed none, to the days on which the agreement holds. Where the
-- parts exceed the maximum, all are cut in proportion. Shares are cut by running sums, so that they add up.
insert into daily_costs (run, date, origin, dealer, brand, part, cost, impressions, clicks)
with
changed as (select month from changed_fee_months where run = {run:UInt32}),
bases as (
    select * from fee_bases where run = {run:UInt32} and month in changed
),
sums as (
    select
        fee, month, sumIf(units, part = 'media') as media, sumIf(units, part = 'leads') as leads,
        countIf(part = 'month') > 0 as is_placed
    from bases
    group by fee, month
),
reckoned as (
    select
        h.fee as fee, h.contractor as contractor, h.month as month, h.first_held as first_held, s.is_placed as is_placed,
        toInt64(h.last_held - h.first_held) + 1 as days,
        multiIf(
            empty(h.steps), [(s.media, h.percent)],
            h.steps_of = 'whole', [(s.media, arrayLast(step -> step.1 <= s.media, h.steps).2)],
            arrayMap(
                (step, next) -> (greatest(toInt256(0), least(s.media, next) - step.1), step.2),
                h.steps, arrayPushBack(arrayMap(step -> step.1, arrayPopFront(h.steps)), greatest(s.media, h.steps[-1].1)))
        ) as taxed,
        toInt256(100000000000000) as hundred,
        intDiv(2 * arraySum(arrayMap(each -> each.1 * each.2, taxed)) + hundred, 2 * hundred) as of_media,
        greatest(h.fixed_units, h.minimum_units - of_media - s.leads) as fixed,
        of_media + fixed + s.leads as whole,
        if(h.maximum_units < 0, whole, least(whole, h.maximum_units)) as taken
    from (select * from fee_months where run = {run:UInt32} and month in changed) as h
    left join sums as s on h.fee = s.fee and h.month = s.month
),
placed as (
    select
        *,
        sum(units) over (
            partition by fee, month, part order by date, origin, dealer, brand
            rows between unbounded preceding and current row
        ) as upto,
        sum(units) over (partition by fee, month, part) as whole
    from bases
),
shares as (
    select
        p.part as part, p.fee as fee, p.month as month, p.date as date, p.origin as origin, p.dealer as dealer,
        p.brand as brand, if(p.part = 'media', r.of_media, r.fixed) as shared,
        if(
            p.part = 'leads', p.units,
            intDiv(shared * p.upto, p.whole) - intDiv(shared * (p.upto - p.units), p.whole)) as units
    from placed as p
    inner join reckoned as r on p.fee = r.fee and p.month = r.month
    union all
    select
        'days', fee, month, first_held + n, cityHash64('', '', '', '', '', contractor, '', '', '', ''), '', '', fixed,
        intDiv(fixed * (n + 1), days) - intDiv(fixed * n, days)
    from reckoned
    array join range(toUInt32(days)) as n
    where not is_placed
),
cut as (
    select
        s.date as date, s.origin as origin, s.dealer as dealer, s.brand as brand, r.taken as taken, r.whole as whole,
        s.units as units,
        sum(s.units) over (
            partition by s.fee, s.month order by s.part, s.date, s.origin, s.dealer, s.brand
            rows between unbounded preceding and current row
        ) as upto
    from shares as s
    inner join reckoned as r on s.fee = r.fee and s.month = r.month
    where r.whole > 0
)
select
    {run:UInt32}, date, origin, dealer, brand, 'fees',
    toDecimal128(sum(intDiv(upto * taken, whole) - intDiv((upto - units) * taken, whole)) as fee_units, 4) / 10000, 0, 0
from cut
group by date, origin, dealer, brand
having fee_units > 0
