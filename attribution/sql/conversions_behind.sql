-- name: conversions_behind
-- Which conversions have credit in the groups that meet the conditions, the newest first, and how much of it lies there?
--
-- Dimensions, filters and models are those of the ROMI/CPL report (attribution/sql/reports.sql), so that what is told here
-- adds up to its figures. Shares are in billionths, money in ten-thousandths.
with
stored as (select * from credits_of_run(run = {run:UInt32})),
by_markov as (select * from markov_of_run(run = {run:UInt32})),
{asked:Array(Tuple(
    place UInt8, otherwise String, inputs Array(UInt8), rules Array(Tuple(
        value String, conditions Array(Tuple(place UInt8, pattern String, values Array(String)))))))} as dimensions,
credited as (
    select
        toString(kind) as conversion_kind, conversion as id, {calendar:Identifier} as day, c.origin as origin, dealer, brand,
        manager, product, deal_kind, repeat,
        multiIf(
            conversion_kind = 'lead', toInt64({leads:Identifier}) - toInt64({leads_before:Identifier}),
            conversion_kind = 'qualified', toInt64({qualified:Identifier}) - toInt64({qualified_before:Identifier}),
            conversion_kind = 'visit', toInt64({visits:Identifier}) - toInt64({visits_before:Identifier}),
            conversion_kind = 'sale', toInt64({sales:Identifier}) - toInt64({sales_before:Identifier}),
            toInt64({service_visits:Identifier}) - toInt64({service_visits_before:Identifier})) as part,
        toInt64(toDecimal128(c.revenue, 4) * 10000) as whole_revenue,
        toInt64(toDecimal128(c.margin, 4) * 10000) as whole_margin,
        if(
            {revenue:Identifier} = 1000000000, whole_revenue,
            100 * toInt64(round(whole_revenue * ({revenue:Identifier} / 1e9) / 100)))
        - if(
            {revenue_before:Identifier} = 1000000000, whole_revenue,
            100 * toInt64(round(whole_revenue * ({revenue_before:Identifier} / 1e9) / 100))) as revenue_part,
        if(
            {margin:Identifier} = 1000000000, whole_margin,
            100 * toInt64(round(whole_margin * ({margin:Identifier} / 1e9) / 100)))
        - if(
            {margin_before:Identifier} = 1000000000, whole_margin,
            100 * toInt64(round(whole_margin * ({margin_before:Identifier} / 1e9) / 100))) as margin_part
    from {credits:Identifier} as c
    where
        {calendar:Identifier} between {from:Date} and {to:Date}
        and ({conversion_kind:String} = '' or kind = {conversion_kind:String})
        and (part != 0 or revenue_part != 0 or margin_part != 0)
),
placed as (
    select
        c.conversion_kind as conversion_kind, c.id as id, c.part as credit_part, c.revenue_part as revenue_part,
        c.margin_part as margin_part, c.whole_revenue as whole_revenue, c.day as day,
        if(c.origin = 0, '(no touch)', o.channel) as channel, if(c.origin = 0, '(no touch)', o.source) as source,
        if(c.origin = 0, '(no touch)', o.medium) as medium, if(c.origin = 0, '(no touch)', o.campaign) as campaign,
        if(c.origin = 0, '(no touch)', o.content) as content, if(c.origin = 0, '(no touch)', o.term) as term,
        if(c.origin = 0, '(no touch)', o.contractor) as contractor, if(c.origin = 0, '(no touch)', o.region) as region,
        if(c.origin = 0, '(no touch)', o.device) as device, toString(c.dealer) as dealer, toString(c.brand) as brand,
        toString(c.manager) as manager, toString(c.product) as product, toString(c.deal_kind) as kind,
        toString(c.repeat) as repeat, '' as part
    from credited as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
),
timed as (
    select
        p.*, v.at as at, toDate(v.at, {timezone:String}) as converted_on,
        leftPad(toString(toHour(v.at, {timezone:String})), 2, '0') as hour
    from placed as p
    left any join
    (
        select toString(kind) as conversion_kind, id, at
        from conversions_of_run(run = {run:UInt32})
        where (conversion_kind, id) in (select conversion_kind, id from placed)
    ) as v on p.conversion_kind = v.conversion_kind and p.id = v.id
),
slotted as (
    select
        *, toMonday(day) as week, toStartOfMonth(day) as month, toDayOfWeek(day) as weekday,
        '' as everything
    from timed
),
facts as (
    select
        *,
        [
            toString({slot1:Identifier}), toString({slot2:Identifier}), toString({slot3:Identifier}),
            toString({slot4:Identifier}), toString({slot5:Identifier}), toString({slot6:Identifier}),
            toString({slot7:Identifier}), toString({slot8:Identifier})
        ] as known
    from slotted
),
ruled as (
    select
        facts.*, arrayPushBack(facts.known, towns.city) as values,
        arrayMap(
            dimension -> arrayFirst(
                rule -> arrayAll(
                    condition -> if(
                        empty(condition.values),
                        values[condition.place] != '(no touch)'
                        and match(lowerUTF8(values[condition.place]), condition.pattern),
                        has(condition.values, if(values[condition.place] = '', '(none)', values[condition.place]))),
                    rule.conditions),
                dimension.rules).value,
            dimensions) as found
    from facts
    left any join dealers_of_run(run = {run:UInt32}) as towns on facts.known[{dealer_slot:UInt8}] = towns.dealer
),
named as (
    select
        *,
        arrayMap(
            (dimension, value) -> multiIf(
                value != '', value,
                arrayAll(place -> values[place] = '', dimension.inputs), '(none)',
                arrayAll(place -> values[place] in ('', '(no touch)'), dimension.inputs), '(no touch)',
                empty(dimension.rules), values[dimension.place],
                dimension.otherwise),
            dimensions, found) as all_names
    from ruled
    where
        arrayAll(
            (name, filter) -> has(filter.values, name) != filter.excluded,
            arraySlice(all_names, {groupings:UInt8} + 1), {filters:Array(Tuple(excluded Bool, values Array(String)))})
),
behind as (
    select
        conversion_kind, id, any(named.at) as at, any(named.converted_on) as converted_on, any(named.dealer) as at_dealer,
        any(named.product) as of_product, any(named.whole_revenue) as amount, sum(named.credit_part) as credit,
        sum(named.revenue_part) as revenue, sum(named.margin_part) as margin
    from named
    group by conversion_kind, id
)
select
    conversion_kind as kind, id, toString(converted_on) as day, if(at_dealer = '', '(none)', at_dealer) as dealer,
    if(of_product = '', '(none)', of_product) as product, amount, credit, revenue, margin, count() over () as groups,
    sum(amount) over () as all_amount, sum(credit) over () as all_credit, sum(revenue) over () as all_revenue,
    sum(margin) over () as all_margin
from behind
order by at desc, kind, id
limit {upto:UInt64};

-- name: conversion
-- One conversion that somebody sees. No row where there is none.
select
    kind, id, person, at, dealer, brand, product, deal_kind, repeat, toFloat64(revenue) as revenue,
    toFloat64(margin) as margin
from conversions_of_run(run = {run:UInt32})
where
    kind = {kind:String} and id = {conversion:String}
    and ({sees_all_dealers:Bool} or dealer in {seen_dealers:Array(String)});

-- name: journey
-- The touches of a conversion's journey in their order, with the part that each model gives them, in billionths. Touches of
-- contractors that somebody does not see are there without a word of where they came from.
with
its as (
    select *
    from markov_of_run(run = {run:UInt32})
    where person = {person:UInt64} and kind = {kind:String} and conversion = {conversion:String}
),
windowed as (
    select window_from, window_to
    from conversions_of_run(run = {run:UInt32})
    where person = {person:UInt64} and kind = {kind:String} and id = {conversion:String}
),
touches as (
    select at, is_visit, row_number() over (order by at, id) as place
    from touches_of_run(run = {run:UInt32})
    where
        person = {person:UInt64}
        and at between (select min(window_from) from windowed) and (select max(window_to) from windowed)
)
select
    c.place as place, t.at as at, t.is_visit as is_visit,
    {sees_all_contractors:Bool} or o.contractor in {seen_contractors:Array(String)} as is_seen,
    multiIf(c.origin = 0, '(no touch)', not is_seen, '(hidden)', o.channel = '', '(none)', o.channel) as channel,
    if(is_seen, o.source, '') as source, if(is_seen, o.medium, '') as medium, if(is_seen, o.campaign, '') as campaign,
    if(is_seen, o.content, '') as content, if(is_seen, o.term, '') as term, if(is_seen, o.device, '') as device,
    if(is_seen, o.region, '') as region, toInt64(c.first) - toInt64(c.first_before) as first,
    toInt64(c.last) - toInt64(c.last_before) as last,
    toInt64(c.last_non_direct) - toInt64(c.last_non_direct_before) as last_non_direct,
    toInt64(c.linear) - toInt64(c.linear_before) as linear, toInt64(c.position) - toInt64(c.position_before) as position,
    toInt64(c.time_decay) - toInt64(c.time_decay_before) as time_decay,
    toInt64(c.custom) - toInt64(c.custom_before) as custom, toInt64(c.shapley) - toInt64(c.shapley_before) as shapley,
    toInt64(c.markov) - toInt64(c.markov_before) as markov
from its as c
left join touches as t on c.place = t.place
left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
order by c.place
