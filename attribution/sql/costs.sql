-- name: name_costs
-- Which names do spend and touches bear, and what is left of each without case, separators and alphabet?
--
-- Of touches those count that reports show: by a site visit, or by credit. The plain form is here and nowhere else:
-- accents are off, Cyrillic is Latin as most transliterate it, spellings of one letter are one, and between two numbers
-- stands one separator, elsewhere none.
insert into cost_names
with
[
    ('ж', 'zh'), ('х', 'h'), ('ц', 'c'), ('ч', 'ch'), ('ш', 'sh'), ('щ', 'sch'), ('ю', 'iu'), ('я', 'ia'),
    ('ъ', ''), ('ь', ''), ('shch', 'sch'), ('kh', 'h'), ('ts', 'c'), ('tz', 'c'), ('ph', 'f'), ('x', 'ks'),
    ('w', 'v'), ('y', 'i'), ('j', 'i')
] as letters,
brought as (
    select origin, sum(times) as weight
    from
    (
        select origin, sum(sessions) as times from daily_sessions where run = {run:UInt32} group by origin
        union all
        select origin, count() from credits where run = {run:UInt32} and origin != 0 group by origin
    )
    group by origin
),
touched as (
    select
        o.source as source, o.medium as medium, o.campaign as campaign, o.content as content,
        argMax(o.channel, (b.weight, o.channel)) as channel, argMax(o.contractor, (b.weight, o.contractor)) as contractor,
        sum(b.weight) as weight
    from brought as b
    inner join (select * from origins where run = {run:UInt32}) as o on b.origin = o.origin
    group by source, medium, campaign, content
),
spent as (
    select
        source, medium, campaign, content,
        groupUniqArrayIf(JSONExtractString(properties, 'campaign_name') as name, name not in ('', campaign)) as others,
        arrayFilter(
            id -> match(id, '^\\d{5,}$'),
            arrayPushBack(groupUniqArray(JSONExtractString(properties, 'campaign_id')), campaign)) as ids
    from spend final
    group by source, medium, campaign, content
),
named as (
    select
        'touches' as side, source, medium, campaign, content, emptyArrayString() as others,
        extractAll(campaign, '\\d{5,}') as ids, toString(channel) as channel, toString(contractor) as contractor, weight
    from touched
    union all
    select 'spend', source, medium, campaign, content, others, arrayDistinct(ids), '', '', 0 from spent
),
latin as (
    select
        *,
        arrayMap(
            name -> translateUTF8(
                arrayFold(
                    (text, letter) -> replaceAll(text, letter.1, letter.2),
                    letters,
                    replaceRegexpAll(normalizeUTF8NFD(lowerUTF8(name)), '\\p{M}', '')),
                'абвгдезиклмнопрстуфыэєіґ', 'abvgdeziklmnoprstufieeig'),
            arrayConcat([source, medium, campaign, content], others)
        ) as names
    from named
),
plain as (
    select
        *,
        arrayMap(
            name -> replaceRegexpAll(
                replaceRegexpAll(
                    replaceRegexpAll(replaceRegexpAll(name, '[^\\pL\\pN]+', ' '), '(\\pN+)', '_\\1_'), ' +', ''),
                '_+', '_'),
            arrayMap(name -> replaceRegexpAll(name, 'ii+', 'i'), names)
        ) as forms
    from latin
)
select
    {run:UInt32}, side, source, medium, campaign, content, others, ids, channel, contractor, weight,
    forms[1], forms[2], forms[3], forms[4], arraySlice(forms, 5)
from plain;

-- name: match_spend
-- Under which names do the touches stand that each kind of spend paid for, and which rule says so?
--
-- Rules in order: `hand`, what people said is the same; `id`, the campaign's id stands in utm_campaign of touches of that
-- source; `utm`, the names are the same letter by letter; `tolerant`, their plain forms are the same. Spend that names no
-- medium takes that of the touches where they have but one. Of several touches' names that fit the most frequent holds.
-- Spend that names no campaign is matched with its source and medium. `none` keeps the names that it came with.
insert into spend_origins
with
spent as (
    select
        source, medium, campaign, any(plain_source) as p_source, any(plain_medium) as p_medium,
        any(plain_campaign) as p_campaign, arraySort(groupUniqArrayArray(others)) as names,
        arraySort(groupUniqArrayArray(plain_others)) as p_names, arraySort(groupUniqArrayArray(ids)) as marks
    from cost_names
    where run = {run:UInt32} and side = 'spend' and concat(source, medium, campaign) != ''
    group by source, medium, campaign
),
touched as (
    select
        source, medium, of as campaign, any(plain_source) as p_source, any(plain_medium) as p_medium,
        any(if(of = '', '', plain_campaign)) as p_campaign,
        arraySort(groupUniqArrayArray(if(of = '', emptyArrayString(), ids))) as marks,
        argMax(channel, (cost_names.weight, channel)) as channel,
        argMax(contractor, (cost_names.weight, contractor)) as contractor, sum(cost_names.weight) as times
    from cost_names
    array join arrayDistinct([campaign, '']) as of
    where run = {run:UInt32} and side = 'touches' and concat(source, medium, campaign) != ''
    group by source, medium, of
),
of_one_medium as (
    select
        t.p_source as p_source, t.p_campaign as p_campaign, argMax(t.source, (t.times, t.source)) as source,
        if(uniqExact(t.medium) = 1, any(t.medium), '') as medium, argMax(t.campaign, (t.times, t.campaign)) as campaign,
        sum(t.times) as times
    from touched as t
    where p_source != ''
    group by p_source, p_campaign
),
wanted as (
    select source, medium, campaign, wish.1 as rank, wish.2 as key
    from spent
    array join arrayConcat(
        arrayMap(id -> (2, ('id', p_source, '', id)), marks),
        arrayMap(name -> (3, ('utm', source, medium, name)), arrayPushFront(names, campaign)),
        arrayMap(
            name -> (4, ('tolerant', p_source, p_medium, name)),
            arrayFilter(name -> name != '' or campaign = '', arrayPushFront(p_names, p_campaign))),
        arrayMap(
            name -> (5, ('tolerant', p_source, '(any)', name)),
            arrayFilter(name -> medium = '' and (name != '' or campaign = ''), arrayPushFront(p_names, p_campaign)))
    ) as wish
),
offered as (
    select offer as key, (source, medium, campaign) as names, times
    from touched
    array join arrayConcat(
        arrayMap(id -> ('id', p_source, '', id), marks),
        [('utm', source, medium, campaign), ('tolerant', p_source, p_medium, p_campaign)]
    ) as offer
    union all
    select ('tolerant', p_source, '(any)', p_campaign), (source, medium, campaign), times from of_one_medium
),
told as (
    select
        source, medium, campaign, 1 as rank, 'hand' as rule, (touch_source, touch_medium, touch_campaign) as names,
        toUInt64(0) as times
    from same_campaigns
    where run = {run:UInt32}
    union all
    select w.source, w.medium, w.campaign, w.rank, w.key.1, o.names, o.times
    from wanted as w
    inner join offered as o on w.key = o.key
),
matched as (
    select
        source, medium, campaign, min((rank, names.3 != campaign, -toInt64(times), names, rule)) as best,
        best.5 as chosen_rule, best.4 as chosen
    from told
    group by source, medium, campaign
),
of_campaigns as (
    select
        s.source as source, s.medium as medium, s.campaign as campaign,
        if(m.chosen_rule = '', 'none', m.chosen_rule) as rule,
        if(m.chosen_rule = '', (s.source, s.medium, s.campaign), m.chosen) as names
    from (select distinct source, medium, campaign from spend final) as s
    left join matched as m on s.source = m.source and s.medium = m.medium and s.campaign = m.campaign
),
contents as (
    select
        (source, medium, campaign) as names, content, plain_content as p_content, extractAll(content, '\\d{5,}') as marks,
        weight
    from cost_names
    where run = {run:UInt32} and side = 'touches' and content != ''
),
offered_contents as (
    select names, content, offer.1 as rank, offer.2 as key, weight
    from contents
    array join arrayConcat(arrayMap(id -> (2, id), marks), [(1, content), (3, p_content)]) as offer
),
spent_contents as (
    select distinct c.names as names, s.content as content, s.plain_content as p_content
    from (select * from cost_names where run = {run:UInt32} and side = 'spend' and content != '') as s
    inner join of_campaigns as c on s.source = c.source and s.medium = c.medium and s.campaign = c.campaign
),
matched_contents as (
    select w.names as names, w.content as content, min((w.rank, -toInt64(o.weight), o.content)).3 as touch_content
    from
    (
        select names, content, wish.1 as rank, wish.2 as key
        from spent_contents
        array join [(1, content), (2, content), (3, p_content)] as wish
        where key != ''
    ) as w
    inner join offered_contents as o on w.names = o.names and w.rank = o.rank and w.key = o.key
    group by names, content
)
select
    {run:UInt32}, cityHash64('spend', s.source, s.medium, s.campaign, s.content, s.contractor, s.region),
    s.source, s.medium, s.campaign, s.content, s.contractor, s.region, c.rule,
    c.names.1, c.names.2, c.names.3, if(t.touch_content = '', s.content, t.touch_content),
    if(c.names.3 = '', '', k.channel), k.contractor
from (select distinct source, medium, campaign, content, contractor, region from spend final) as s
inner join of_campaigns as c on s.source = c.source and s.medium = c.medium and s.campaign = c.campaign
left join matched_contents as t on c.names = t.names and s.content = t.content
left join touched as k on c.names.1 = k.source and c.names.2 = k.medium and c.names.3 = k.campaign;

-- name: name_spend
-- Under which names, in which channel and with which contractor do reports show each kind of spend?
--
-- With a campaign that touches have it is in the channel of most of them; else in the one that the rules say.
insert into origins (run, origin, channel, source, medium, campaign, content, term, contractor, device, region)
select
    {run:UInt32}, s.origin, if(s.touch_channel = '', o.channel, s.touch_channel),
    s.touch_source, s.touch_medium, s.touch_campaign, s.touch_content, '',
    multiIf(s.contractor != '', s.contractor, s.touch_contractor != '', s.touch_contractor, toString(o.contractor)),
    '', s.region
from (select * from spend_origins where run = {run:UInt32}) as s
left join (select * from origins where run = {run:UInt32}) as o
    on cityHash64(s.source, s.medium, s.campaign, s.content, '', s.contractor, '', '', '', '') = o.origin;

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
        toInt64(intDiv(2 * above + below, 2 * below)) as units,
        cityHash64('spend', source, medium, campaign, content, contractor, region) as origin
    from (select * from spend final) as s
    asof inner join rates_of_run(run = {run:UInt32}, currency = {currency:String}) as r
        on s.currency = r.currency and s.`from` >= r.date
)
select
    {run:UInt32}, `from` + day, origin, worth.dealer, b.brand, 'media',
    toDecimal128(
        intDiv(units, days) + intDiv(units % days * (day + 1), days) - intDiv(units % days * day, days), 4) / 10000,
    intDiv(impressions * (day + 1), days) - intDiv(impressions * day, days),
    intDiv(clicks * (day + 1), days) - intDiv(clicks * day, days)
from worth
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

-- name: add_fees
-- What do the contractors take: percent or steps of their media, a fixed sum a month, and a sum per lead?
--
-- Each agreement is reckoned for each month that it touches, in whole ten-thousandths. A fixed sum, and a minimum, are of
-- the month's days on which the agreement holds, up to the last day that anything is known of; what the other parts lack of
-- the minimum is added to the fixed sum. The fixed sum goes to the contractor's media of that month by cost; where it
-- placed none, to its days. Where the parts exceed the maximum, all are cut in proportion. Shares are cut by running sums, so
-- that they add up. Amounts in another currency are turned by the rate of the month's first day; without one the agreement
-- is left out.
insert into daily_costs (run, date, origin, dealer, brand, part, cost, impressions, clicks)
with
days_of_run as (
    select date from daily_costs where run = {run:UInt32}
    union all
    select date from daily_sessions where run = {run:UInt32}
    union all
    select date from credits where run = {run:UInt32}
),
bounds as (
    select min(date) as first_day, max(date) as last_day from days_of_run
),
agreed as (
    select
        *, toInt256(toDecimal128(fixed_month, 4) * 10000) as fixed_told, toInt256(toDecimal128(per_lead, 4) * 10000) as lead_told,
        toInt256(toDecimal128(minimum, 4) * 10000) as minimum_told,
        if(maximum is null, toInt256(-1), toInt256(toDecimal128(coalesce(maximum, 0), 4) * 10000)) as maximum_told,
        arrayMap(
            step -> (toInt256(toDecimal128(step.1, 4) * 10000), toInt256(round(step.2 * 1000000000000))),
            JSONExtract(steps, 'Array(Tuple(above String, percent Float64))')) as steps_told,
        greatest(since, (select first_day from bounds)) as first_day, least(until, (select last_day from bounds)) as last_day
    from contractor_fees
    where run = {run:UInt32}
),
months as (
    select
        *, month, greatest(first_day, month) as first_held, least(last_day, toLastDayOfMonth(month)) as last_held,
        toInt256(toDayOfMonth(toLastDayOfMonth(month))) as month_days
    from agreed
    array join if(
        last_day < first_day, [],
        arrayMap(
            n -> toDate(addMonths(toStartOfMonth(first_day), n)), range(toUInt32(dateDiff('month', first_day, last_day)) + 1))
    ) as month
),
held as (
    select
        m.fee as fee, m.contractor as contractor, m.month as month, m.first_held as first_held, m.last_held as last_held,
        m.percent as percent, m.steps_of as steps_of,
        toInt256(r.rate * 10000000000) as rate, toInt256(10000000000) as one,
        toDayOfMonth(m.first_held) - 1 as before, toDayOfMonth(m.last_held) as upto,
        intDiv(2 * m.fixed_told * rate + one, 2 * one) as fixed_month_units,
        intDiv(fixed_month_units * upto, m.month_days) - intDiv(fixed_month_units * before, m.month_days) as fixed_units,
        intDiv(2 * m.minimum_told * rate + one, 2 * one) as minimum_month_units,
        intDiv(minimum_month_units * upto, m.month_days) - intDiv(minimum_month_units * before, m.month_days) as minimum_units,
        if(m.maximum_told < 0, m.maximum_told, intDiv(2 * m.maximum_told * rate + one, 2 * one)) as maximum_units,
        m.lead_told * rate as lead_price,
        arrayMap(step -> (intDiv(2 * step.1 * rate + one, 2 * one), step.2), m.steps_told) as steps
    from months as m
    asof inner join rates_of_run(run = {run:UInt32}, currency = {currency:String}) as r
        on m.currency = r.currency and m.month >= r.date
),
media as (
    select
        c.date as date, c.origin as origin, c.dealer as dealer, c.brand as brand, toString(o.contractor) as contractor,
        toStartOfMonth(c.date) as month, sum(toInt64(toDecimal128(c.cost, 4) * 10000)) as units
    from (select * from daily_costs where run = {run:UInt32} and part = 'media') as c
    inner join (select origin, contractor from origins where run = {run:UInt32}) as o on c.origin = o.origin
    where o.contractor != '' and c.cost > 0
    group by date, origin, dealer, brand, contractor
),
media_held as (
    select
        h.fee as fee, m.date as date, m.origin as origin, m.dealer as dealer, m.brand as brand, m.month as month,
        toInt256(m.units) as units
    from media as m
    inner join held as h on m.contractor = h.contractor and m.month = h.month
    where m.date between h.first_held and h.last_held
),
brought as (
    select
        l.date as date, l.origin as origin, l.dealer as dealer, l.brand as brand, toString(o.contractor) as contractor,
        toStartOfMonth(l.date) as month, toInt256(sum(toInt64(l.last_non_direct) - toInt64(l.last_non_direct_before))) as leads
    from (select * from credits where run = {run:UInt32} and kind = 'lead') as l
    inner join (select origin, contractor from origins where run = {run:UInt32}) as o on l.origin = o.origin
    where o.contractor != ''
    group by date, origin, dealer, brand, contractor
),
leads_held as (
    select
        h.fee as fee, b.date as date, b.origin as origin, b.dealer as dealer, b.brand as brand, b.month as month,
        h.one * 1000000000 as below, intDiv(2 * b.leads * h.lead_price + below, 2 * below) as units
    from brought as b
    inner join held as h on b.contractor = h.contractor and b.month = h.month
    where h.lead_price > 0 and b.date between h.first_held and h.last_held
),
media_sums as (select fee, month, sum(units) as media from media_held group by fee, month),
lead_sums as (select fee, month, sum(units) as leads from leads_held group by fee, month),
reckoned as (
    select
        h.fee as fee, h.contractor as contractor, h.month as month, h.first_held as first_held, h.last_held as last_held,
        multiIf(
            empty(h.steps), [(m.media, toInt256(round(h.percent * 1000000000000)))],
            h.steps_of = 'whole', [(m.media, arrayLast(step -> step.1 <= m.media, h.steps).2)],
            arrayMap(
                (step, next) -> (greatest(toInt256(0), least(m.media, next) - step.1), step.2),
                h.steps, arrayPushBack(arrayMap(step -> step.1, arrayPopFront(h.steps)), greatest(m.media, h.steps[-1].1)))
        ) as bases,
        toInt256(100000000000000) as hundred,
        intDiv(2 * arraySum(arrayMap(base -> base.1 * base.2, bases)) + hundred, 2 * hundred) as of_media,
        greatest(h.fixed_units, h.minimum_units - of_media - l.leads) as fixed,
        of_media + fixed + l.leads as whole,
        if(h.maximum_units < 0, whole, least(whole, h.maximum_units)) as taken
    from held as h
    left join media_sums as m on h.fee = m.fee and h.month = m.month
    left join lead_sums as l on h.fee = l.fee and h.month = l.month
),
placed as (
    select
        fee, date, origin, dealer, brand, month, units,
        sum(units) over (
            partition by fee, month order by date, origin, dealer, brand rows between unbounded preceding and current row
        ) as upto,
        sum(units) over (partition by fee, month) as whole
    from media_held
),
media_of_months as (
    select
        contractor, date, origin, dealer, brand, month, toInt256(units) as units,
        sum(toInt256(units)) over (
            partition by contractor, month order by date, origin, dealer, brand
            rows between unbounded preceding and current row
        ) as upto,
        sum(toInt256(units)) over (partition by contractor, month) as whole
    from media
),
shares as (
    select 1 as part, p.fee as fee, p.month as month, p.date as date, p.origin as origin, p.dealer as dealer, p.brand as brand,
        intDiv(r.of_media * p.upto, p.whole) - intDiv(r.of_media * (p.upto - p.units), p.whole) as units
    from placed as p
    inner join reckoned as r on p.fee = r.fee and p.month = r.month
    union all
    select 2, r.fee, r.month, p.date, p.origin, p.dealer, p.brand,
        intDiv(r.fixed * p.upto, p.whole) - intDiv(r.fixed * (p.upto - p.units), p.whole)
    from media_of_months as p
    inner join reckoned as r on p.contractor = r.contractor and p.month = r.month
    union all
    select 3, fee, month, first_held + n, cityHash64('', '', '', '', '', contractor, '', '', '', ''), '', '',
        intDiv(fixed * (n + 1), days) - intDiv(fixed * n, days)
    from (select *, toInt32(last_held - first_held) + 1 as days from reckoned)
    array join range(toUInt32(days)) as n
    where (contractor, month) not in (select contractor, month from media)
    union all
    select 4, fee, month, date, origin, dealer, brand, units from leads_held
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
having fee_units > 0;

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
    select deal_id, argMax((currency, amount, occurred_at), (occurred_at, id)) as told
    from deals final
    where currency not in ('', {currency:String}) and amount is not null
    group by deal_id
),
sold as (
    select 'deals' as family, d.told.1 as currency, toDate(c.at, {timezone:String}) as date, coalesce(d.told.2, 0) as amount
    from (select * from conversions where run = {run:UInt32} and kind in ('sale', 'service_visit')) as c
    inner join foreign_deals as d on c.id = d.deal_id
)
select {run:UInt32}, m.family, m.currency, min(m.date), max(m.date), count(), sum(m.amount)
from (select * from spent union all select * from agreed union all select * from sold) as m
asof left join rates_of_run(run = {run:UInt32}, currency = {currency:String}) as r
    on m.currency = r.currency and m.date >= r.date
where r.rate = 0
group by m.family, m.currency
