-- name: rows_of_feed
-- Which rows of an entity set meet a predicate, in order: one page of them, and how many there are.
--
-- An entity set (`entities`) is a row of `texts` and `numbers`: money in ten-thousandths, counts that a model divides in
-- billionths, days since 1970. Tests (`atoms`) look at one of them each; `steps` put them together
-- (attribution/feed/program.py). Days and dealers that no wanted fact has are not read. Texts are sorted downwards by the
-- complements of their bytes, and by an end that is greater than these, so that of two the longer comes first.
with
{atoms:Array(Tuple(
    place UInt8, of_text Bool, part String, relation String, texts Array(String), numbers Array(Int64)))} as atoms,
stored as (select * from credits_of_run(run = {run:UInt32})),
by_markov as (select * from markov_of_run(run = {run:UInt32})),
credited as (
    select
        {calendar:Identifier} as day, c.origin as origin, toString(c.dealer) as to_dealer,
        sumIf(toInt64({share:Identifier}) - toInt64({share_before:Identifier}), c.kind = 'lead') as leads_sum,
        sumIf(toInt64({share:Identifier}) - toInt64({share_before:Identifier}), c.kind = 'qualified') as qualified_sum,
        sumIf(toInt64({share:Identifier}) - toInt64({share_before:Identifier}), c.kind = 'visit') as visits_sum,
        sumIf(toInt64({share:Identifier}) - toInt64({share_before:Identifier}), c.kind = 'sale') as sales_sum,
        sumIf(toInt64({share:Identifier}) - toInt64({share_before:Identifier}), c.kind = 'service_visit') as service_visits_sum,
        sum(
            if(
                {share:Identifier} = 1000000000, c.whole_revenue,
                100 * toInt64(round(c.whole_revenue * ({share:Identifier} / 1e9) / 100)))
            - if(
                {share_before:Identifier} = 1000000000, c.whole_revenue,
                100 * toInt64(round(c.whole_revenue * ({share_before:Identifier} / 1e9) / 100)))) as revenue_sum,
        sum(
            if(
                {share:Identifier} = 1000000000, c.whole_margin,
                100 * toInt64(round(c.whole_margin * ({share:Identifier} / 1e9) / 100)))
            - if(
                {share_before:Identifier} = 1000000000, c.whole_margin,
                100 * toInt64(round(c.whole_margin * ({share_before:Identifier} / 1e9) / 100)))) as margin_sum
    from
    (
        select
            *, toInt64(toDecimal128(revenue, 4) * 10000) as whole_revenue,
            toInt64(toDecimal128(margin, 4) * 10000) as whole_margin
        from {credits:Identifier}
    ) as c
    where
        {calendar:Identifier} between {from:Date} and {to:Date} and {share:Identifier} != {share_before:Identifier}
        and (empty({dealers:Array(String)}) or if(c.dealer = '', '(none)', toString(c.dealer)) in {dealers:Array(String)})
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(c.dealer)))
    group by day, origin, to_dealer
),
spent as (
    select
        c.date as day, c.origin as origin, toString(c.dealer) as to_dealer,
        sum(toInt64(toDecimal128(c.cost, 4) * 10000)) as cost_sum, toInt64(sum(c.impressions)) as impressions_sum,
        toInt64(sum(c.clicks)) as clicks_sum
    from costs_of_run(run = {run:UInt32}) as c
    where
        c.date between {from:Date} and {to:Date}
        and (empty({dealers:Array(String)}) or if(c.dealer = '', '(none)', toString(c.dealer)) in {dealers:Array(String)})
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(c.dealer)))
    group by day, origin, to_dealer
),
visited as (
    select
        s.date as day, s.origin as origin, toString(s.dealer) as to_dealer, toInt64(sum(s.sessions)) as sessions_sum
    from sessions_of_run(run = {run:UInt32}) as s
    where
        s.date between {from:Date} and {to:Date}
        and (empty({dealers:Array(String)}) or if(s.dealer = '', '(none)', toString(s.dealer)) in {dealers:Array(String)})
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(s.dealer)))
    group by day, origin, to_dealer
),
placed as (
    select
        c.day as day, toString(if(c.origin = 0, '(no touch)', o.channel)) as channel,
        toString(if(c.origin = 0, '(no touch)', o.campaign)) as campaign, c.to_dealer as dealer,
        toString(if(c.origin = 0, '(no touch)', o.contractor)) as contractor, toInt64(0) as cost, toInt64(0) as impressions,
        toInt64(0) as clicks, toInt64(0) as sessions, c.leads_sum as leads, c.qualified_sum as qualified,
        c.visits_sum as visits, c.sales_sum as sales, c.service_visits_sum as service_visits, c.revenue_sum as revenue,
        c.margin_sum as margin
    from credited as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    union all
    select
        c.day, toString(if(concat(o.source, o.medium, o.campaign) = '', '', o.channel)), toString(o.campaign), c.to_dealer,
        toString(o.contractor), c.cost_sum, c.impressions_sum, c.clicks_sum, 0, 0, 0, 0, 0, 0, 0, 0
    from spent as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    union all
    select
        s.day, toString(o.channel), toString(o.campaign), s.to_dealer, toString(o.contractor), 0, 0, 0, s.sessions_sum,
        0, 0, 0, 0, 0, 0, 0
    from visited as s
    left join origins_of_run(run = {run:UInt32}) as o on s.origin = o.origin
),
facts as (
    select
        arrayPushBack(
            arrayMap(name -> if(name = '', '(none)', name), [p.channel, p.campaign, p.dealer, p.contractor]),
            {model:String}) as texts,
        [
            toInt64(p.day), sum(p.cost), sum(p.impressions), sum(p.clicks), sum(p.sessions), sum(p.leads),
            sum(p.qualified), sum(p.visits), sum(p.sales), sum(p.service_visits), sum(p.revenue), sum(p.margin)
        ] as numbers
    from placed as p
    where ({sees_all_contractors:Bool} or has({seen_contractors:Array(String)}, toString(p.contractor)))
    group by p.day, p.channel, p.campaign, p.dealer, p.contractor
    having arrayExists(figure -> figure != 0, arrayPopFront(numbers))
),
every_origin as (select origin, source, medium, campaign, channel, contractor from origins_of_run(run = {run:UInt32})),
origins_seen as (
    select *
    from every_origin
    where
        ({sees_all_contractors:Bool} or has({seen_contractors:Array(String)}, toString(contractor)))
        and origin in (
            select origin from stored where ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
            union distinct
            select origin
            from costs_of_run(run = {run:UInt32})
            where ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
            union distinct
            select origin
            from sessions_of_run(run = {run:UInt32})
            where ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
        )
),
no_dealers as (select '' as dealer where false),
dealers_of_origins_seen as (
    select toString(dealer) as dealer
    from
    (
        select dealer, origin from stored
        union distinct
        select dealer, origin from costs_of_run(run = {run:UInt32})
        union distinct
        select dealer, origin from sessions_of_run(run = {run:UInt32})
    )
    where
        ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
        and origin in (select origin from origins_seen)
),
channels as (
    select distinct [if(name = '', '(none)', name)] as texts, emptyArrayInt64() as numbers
    from
    (
        select toString(channel) as name from {origins:Identifier}
        union all
        select arrayJoin(['(none)', '(no touch)']) as name
    )
),
campaigns as (
    select
        arrayMap(
            names -> multiIf(length(names) > 1, '(several)', names[1] = '', '(none)', names[1]),
            [[name], groupUniqArray(2)(source), groupUniqArray(2)(medium), groupUniqArray(2)(channel)]) as texts,
        emptyArrayInt64() as numbers
    from
    (
        select
            toString(campaign) as name, toString(source) as source, toString(medium) as medium,
            toString(channel) as channel
        from {origins:Identifier}
        union all
        select '(no touch)' as name, '(no touch)' as source, '(no touch)' as medium, '(no touch)' as channel
    )
    group by name
),
dealers_known as (
    select
        [if(id = '', '(none)', id), multiIf(max(name) != '', max(name), id = '', '(none)', id), max(brand), max(city)] as texts,
        emptyArrayInt64() as numbers
    from
    (
        select toString(dealer) as id, name, toString(brand) as brand, toString(city) as city
        from dealers_of_run(run = {run:UInt32})
        union all
        select distinct toString(dealer) as id, '' as name, '' as brand, '' as city
        from conversions_of_run(run = {run:UInt32})
        union all
        select distinct toString(dealer) as id, '' as name, '' as brand, '' as city
        from costs_of_run(run = {run:UInt32})
        union all
        select distinct toString(dealer) as id, '' as name, '' as brand, '' as city
        from sessions_of_run(run = {run:UInt32})
        union all
        select '' as id, '' as name, '' as brand, '' as city
    )
    where
        id = ''
        or if(
            {sees_all_contractors:Bool},
            {sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, id),
            id in (select dealer from {dealers_of_origins:Identifier}))
    group by id
),
contractors as (
    select
        [if(id = '', '(none)', id), multiIf(max(name) != '', max(name), id = '', '(none)', id)] as texts,
        emptyArrayInt64() as numbers
    from
    (
        select told.1 as id, told.2 as name
        from (select arrayJoin({contractors:Array(Tuple(String, String))}) as told)
        union all
        select distinct toString(contractor) as id, '' as name from {origins:Identifier}
        union all
        select arrayJoin(['', '(no touch)']) as id, '' as name
    )
    where
        ({sees_all_dealers:Bool} and {sees_all_contractors:Bool}) or id in ('', '(no touch)')
        or id in (select toString(contractor) from {origins:Identifier})
    group by id
),
dated as (
    select min(date) as first, max(date) as last from costs_of_run(run = {run:UInt32}) having count() > 0
    union all
    select min(date) as first, max(date) as last from sessions_of_run(run = {run:UInt32}) having count() > 0
    union all
    select min(least(date, touch_date)) as first, max(greatest(date, touch_date)) as last from stored having count() > 0
),
calendar as (
    select
        emptyArrayString() as texts,
        [
            toInt64(day), toInt64(toYear(day)), toInt64(toQuarter(day)), toInt64(toMonth(day)), toInt64(toISOWeek(day)),
            toInt64(toDayOfWeek(day)), toInt64(toStartOfQuarter(day)), toInt64(toStartOfMonth(day)), toInt64(toMonday(day))
        ] as numbers
    from
    (
        select
            toDate(
                toUInt16(
                    arrayJoin(range(toUInt32(toStartOfYear(first)), toUInt32(toStartOfYear(last) + interval 1 year))))
            ) as day
        from (select min(first) as first, max(last) as last from dated having count() > 0)
    )
),
every as (select texts, numbers from {entities:Identifier}),
looked_at as (
    select
        texts, numbers,
        arrayMap(
            atom -> multiIf(
                atom.part = 'lower', lowerUTF8(texts[atom.place]), atom.part = 'upper', upperUTF8(texts[atom.place]),
                texts[atom.place]),
            atoms) as said,
        arrayMap(
            atom -> multiIf(
                atom.part = 'year', toInt64(toYear(toDate(toUInt16(numbers[atom.place])))),
                atom.part = 'month', toInt64(toMonth(toDate(toUInt16(numbers[atom.place])))),
                atom.part = 'day', toInt64(toDayOfMonth(toDate(toUInt16(numbers[atom.place])))),
                numbers[atom.place]),
            atoms) as counted,
        arrayMap(
            (atom, text, number) -> toUInt8(multiIf(
                atom.relation = 'in', if(atom.of_text, has(atom.texts, text), has(atom.numbers, number)),
                atom.relation = 'contains', position(text, atom.texts[1]) > 0,
                atom.relation = 'starts', startsWith(text, atom.texts[1]),
                atom.relation = 'ends', endsWith(text, atom.texts[1]),
                atom.relation = '<', if(atom.of_text, text < atom.texts[1], number < atom.numbers[1]),
                atom.relation = '<=', if(atom.of_text, text <= atom.texts[1], number <= atom.numbers[1]),
                atom.relation = '>', if(atom.of_text, text > atom.texts[1], number > atom.numbers[1]),
                if(atom.of_text, text >= atom.texts[1], number >= atom.numbers[1]))),
            atoms, said, counted) as held
    from every
),
meeting as (
    select texts, numbers
    from looked_at
    where
        arrayFold(
            (stack, step) -> multiIf(
                step.1 = 'atom', arrayPushBack(stack, held[step.2]),
                step.1 = 'yes', arrayPushBack(stack, toUInt8(1)),
                step.1 = 'no', arrayPushBack(stack, toUInt8(0)),
                step.1 = 'not', arrayPushBack(arrayPopBack(stack), toUInt8(1 - stack[-1])),
                arrayPushBack(
                    arrayPopBack(arrayPopBack(stack)),
                    if(step.1 = 'and', least(stack[-1], stack[-2]), greatest(stack[-1], stack[-2])))),
            {steps:Array(Tuple(String, UInt32))}, emptyArrayUInt8())[-1] = 1
)
select texts, numbers, count() over () as matching
from {filtered:Identifier}
order by
    arrayMap(
        key -> (
            if(key.2, 0, if(key.3, -numbers[key.1], numbers[key.1])),
            if(
                not key.2, '',
                if(key.3, concat(translate(hex(texts[key.1]), '0123456789ABCDEF', 'FEDCBA9876543210'), 'G'), texts[key.1]))),
        {order:Array(Tuple(UInt8, Bool, Bool))})
limit {most:UInt64} offset {skip:UInt64};

-- name: days_with_facts
-- From which day to which, counted since 1970, may a run have facts, and how many at the most? What was replaced counts.
with
dated as (
    select min(date) as first_day, max(date) as last_day, count() as stored
    from daily_costs
    where run = {run:UInt32}
    having count() > 0
    union all
    select min(date), max(date), count()
    from daily_sessions
    where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
    having count() > 0
    union all
    select min({calendar:Identifier}), max({calendar:Identifier}), count()
    from credits
    where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
    having count() > 0
)
select
    if(count() = 0, 1, toInt64(min(first_day))) as first, if(count() = 0, 0, toInt64(max(last_day))) as last,
    toInt64(sum(stored)) as most
from dated
