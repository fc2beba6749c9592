-- name: romi
-- What did each group cost and bring? A row for the total, then a row for each of the first groups in order.
--
-- Facts are gathered by the dimensions that the question needs (its slots, of which those left over hold `everything`): first
-- by hashes of origins, then by what these say. Only then do own dimensions, filters and groups look at them. Counts are in
-- billionths and money is in ten-thousandths: whole numbers, so that sums are exact. Cost that names no dealer is shared out
-- as running sums. What a question does not need (`details`, `weights`) it does not name: planning it costs more than the
-- answer. `sort` holds programs of formulas (attribution/formulas/program.py) over the sums in whole units.
with
hasAny({slots:Array(String)}, ['day', 'week', 'month', 'weekday']) as by_day,
stored as (select * from credits_of_run(run = {run:UInt32})),
by_markov as (select * from markov_of_run(run = {run:UInt32})),
{asked:Array(Tuple(
    place UInt8, otherwise String, inputs Array(UInt8), rules Array(Tuple(
        value String, conditions Array(Tuple(place UInt8, pattern String, values Array(String)))))))} as dimensions,
leads_said as (
    select id, properties from leads final where notEmpty({properties:Array(String)})
),
calls_said as (
    select id, properties from calls final where notEmpty({properties:Array(String)})
),
deals_said as (
    select
        deal_id as id, argMaxIf(lead_id, (occurred_at, deals.id), lead_id != '') as lead,
        arrayMap(each -> each.3, arraySort(groupArray((occurred_at, deals.id, properties)))) as said
    from deals final
    where notEmpty({properties:Array(String)})
    group by deal_id
),
details as (
    select
        c.kind as kind, c.id as id, leftPad(toString(toHour(c.at, {timezone:String})), 2, '0') as hour,
        multiIf(
            c.kind = 'lead' and of_lead.id != '', [of_lead.properties],
            c.kind = 'lead' and of_call.id != '', [of_call.properties],
            of_deal.id != '', arrayPushFront(of_deal.said, of_deals_lead.properties),
            [of_lead.properties]) as texts,
        arrayMap(
            name -> arrayLast(
                value -> value not in ('', 'null'),
                arrayMap(
                    text -> if(
                        JSONType(text, name) = 'String', JSONExtractString(text, name), JSONExtractRaw(text, name)),
                    texts)),
            {properties:Array(String)}) as told
    from conversions_of_run(run = {run:UInt32}) as c
    left any join leads_said as of_lead on c.id = of_lead.id
    left any join calls_said as of_call on c.id = of_call.id
    left any join deals_said as of_deal on c.id = of_deal.id
    left any join leads_said as of_deals_lead on of_deal.lead = of_deals_lead.id
),
no_details as (select '' as kind, '' as id, '' as hour, emptyArrayString() as told where false),
credited as (
    select
        if({details:String} = 'details', toString(c.kind), '') as conversion_kind,
        if({details:String} = 'details', c.conversion, '') as conversion,
        if(by_day, {calendar:Identifier}, toDate(0)) as day, c.origin as origin,
        if(has({slots:Array(String)}, 'dealer'), toString(c.dealer), '') as to_dealer,
        if(has({slots:Array(String)}, 'brand'), toString(c.brand), '') as of_brand,
        if(has({slots:Array(String)}, 'manager'), toString(c.manager), '') as by_manager,
        if(has({slots:Array(String)}, 'product'), toString(c.product), '') as of_product,
        if(has({slots:Array(String)}, 'kind'), toString(c.deal_kind), '') as of_kind,
        if(has({slots:Array(String)}, 'repeat'), toString(c.repeat), '') as is_repeat,
        sumIf(toInt64({leads:Identifier}) - toInt64({leads_before:Identifier}), c.kind = 'lead') as leads_sum,
        sumIf(toInt64({qualified:Identifier}) - toInt64({qualified_before:Identifier}), c.kind = 'qualified') as qualified_sum,
        sumIf(toInt64({visits:Identifier}) - toInt64({visits_before:Identifier}), c.kind = 'visit') as visits_sum,
        sumIf(toInt64({sales:Identifier}) - toInt64({sales_before:Identifier}), c.kind = 'sale') as sales_sum,
        sumIf(
            toInt64({service_visits:Identifier}) - toInt64({service_visits_before:Identifier}), c.kind = 'service_visit'
        ) as service_visits_sum,
        sum(
            if(
                {revenue:Identifier} = 1000000000, c.whole_revenue,
                100 * toInt64(round(c.whole_revenue * ({revenue:Identifier} / 1e9) / 100)))
            - if(
                {revenue_before:Identifier} = 1000000000, c.whole_revenue,
                100 * toInt64(round(c.whole_revenue * ({revenue_before:Identifier} / 1e9) / 100)))) as revenue_sum,
        sum(
            if(
                {margin:Identifier} = 1000000000, c.whole_margin,
                100 * toInt64(round(c.whole_margin * ({margin:Identifier} / 1e9) / 100)))
            - if(
                {margin_before:Identifier} = 1000000000, c.whole_margin,
                100 * toInt64(round(c.whole_margin * ({margin_before:Identifier} / 1e9) / 100)))) as margin_sum
    from
    (
        select
            *, toInt64(toDecimal128(revenue, 4) * 10000) as whole_revenue,
            toInt64(toDecimal128(margin, 4) * 10000) as whole_margin
        from {credits:Identifier}
    ) as c
    where
        {calendar:Identifier} between {from:Date} and {to:Date}
        and (
            {leads:Identifier} != {leads_before:Identifier} or {qualified:Identifier} != {qualified_before:Identifier}
            or {visits:Identifier} != {visits_before:Identifier} or {sales:Identifier} != {sales_before:Identifier}
            or {service_visits:Identifier} != {service_visits_before:Identifier}
            or {revenue:Identifier} != {revenue_before:Identifier} or {margin:Identifier} != {margin_before:Identifier})
    group by
        conversion_kind, conversion, day, origin, to_dealer, of_brand, by_manager, of_product, of_kind, is_repeat
),
spent as (
    select
        if(by_day, c.date, toDate(0)) as day, c.origin as origin,
        if(has({slots:Array(String)}, 'dealer'), toString(c.dealer), '') as to_dealer,
        if(has({slots:Array(String)}, 'brand'), toString(c.brand), '') as of_brand,
        if(has({slots:Array(String)}, 'part'), toString(c.part), '') as of_part,
        sum(toInt64(toDecimal128(c.cost, 4) * 10000) as units) as cost_sum, sumIf(units, c.dealer = '') as unnamed_sum,
        toInt64(sum(c.impressions)) as impressions_sum, toInt64(sum(c.clicks)) as clicks_sum
    from costs_of_run(run = {run:UInt32}) as c
    where c.date between {from:Date} and {to:Date}
    group by day, origin, to_dealer, of_brand, of_part
),
visited as (
    select
        if(by_day, s.date, toDate(0)) as day, s.origin as origin,
        if(has({slots:Array(String)}, 'dealer'), toString(s.dealer), '') as to_dealer,
        if(has({slots:Array(String)}, 'brand'), toString(s.brand), '') as of_brand, toInt64(sum(s.sessions)) as sessions_sum
    from sessions_of_run(run = {run:UInt32}) as s
    where s.date between {from:Date} and {to:Date}
    group by day, origin, to_dealer, of_brand
),
placed as (
    select
        c.day as day, if(c.origin = 0, '(no touch)', o.channel) as channel,
        if(c.origin = 0, '(no touch)', o.source) as source, if(c.origin = 0, '(no touch)', o.medium) as medium,
        if(c.origin = 0, '(no touch)', o.campaign) as campaign, if(c.origin = 0, '(no touch)', o.content) as content,
        if(c.origin = 0, '(no touch)', o.term) as term, if(c.origin = 0, '(no touch)', o.contractor) as contractor,
        if(c.origin = 0, '(no touch)', o.region) as region, if(c.origin = 0, '(no touch)', o.device) as device,
        c.to_dealer as dealer, c.of_brand as brand, c.by_manager as manager, c.of_product as product, c.of_kind as kind,
        c.is_repeat as repeat, '' as part, more.hour as hour, more.told as told, toInt64(0) as cost, toInt64(0) as unnamed,
        toInt64(0) as impressions, toInt64(0) as clicks, toInt64(0) as sessions, c.leads_sum as leads,
        c.qualified_sum as qualified, c.visits_sum as visits, c.sales_sum as sales, c.service_visits_sum as service_visits,
        c.revenue_sum as revenue, c.margin_sum as margin
    from credited as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    left any join {details:Identifier} as more on c.conversion_kind = more.kind and c.conversion = more.id
    union all
    select
        c.day, if(concat(o.source, o.medium, o.campaign) = '', '', o.channel), o.source, o.medium, o.campaign, o.content,
        o.term, o.contractor, o.region, o.device, c.to_dealer, c.of_brand, '', '', '', '', c.of_part, '', [], c.cost_sum,
        c.unnamed_sum, c.impressions_sum, c.clicks_sum, 0, 0, 0, 0, 0, 0, 0, 0
    from spent as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    union all
    select
        s.day, o.channel, o.source, o.medium, o.campaign, o.content, o.term, o.contractor, o.region, o.device, s.to_dealer,
        s.of_brand, '', '', '', '', '', '', [], 0, 0, 0, 0, s.sessions_sum, 0, 0, 0, 0, 0, 0, 0
    from visited as s
    left join origins_of_run(run = {run:UInt32}) as o on s.origin = o.origin
),
slotted as (
    select
        *, toMonday(day) as week, toStartOfMonth(day) as month, toDayOfWeek(day) as weekday, told[1] as property1,
        told[2] as property2, told[3] as property3, told[4] as property4, '' as everything
    from placed
),
facts as (
    select
        [
            toString({slot1:Identifier}), toString({slot2:Identifier}), toString({slot3:Identifier}),
            toString({slot4:Identifier}), toString({slot5:Identifier}), toString({slot6:Identifier}),
            toString({slot7:Identifier}), toString({slot8:Identifier})
        ] as known,
        sum(slotted.cost) as cost, sum(slotted.unnamed) as unnamed, sum(slotted.impressions) as impressions,
        sum(slotted.clicks) as clicks, sum(slotted.sessions) as sessions, sum(slotted.leads) as leads,
        sum(slotted.qualified) as qualified, sum(slotted.visits) as visits, sum(slotted.sales) as sales,
        sum(slotted.service_visits) as service_visits, sum(slotted.revenue) as revenue, sum(slotted.margin) as margin
    from slotted
    group by
        {slot1:Identifier}, {slot2:Identifier}, {slot3:Identifier}, {slot4:Identifier}, {slot5:Identifier},
        {slot6:Identifier}, {slot7:Identifier}, {slot8:Identifier}
),
by_leads as (
    select dealer, brand, toFloat64(count()) as weight
    from conversions_of_run(run = {run:UInt32})
    where kind = 'lead' and dealer != '' and toDate(at, {timezone:String}) between {from:Date} and {to:Date}
    group by dealer, brand
),
evenly as (
    select dealer, brand, toFloat64(1) as weight
    from
    (
        select dealer, brand from dealers_of_run(run = {run:UInt32})
        union distinct
        select dealer, brand from conversions_of_run(run = {run:UInt32}) where dealer != ''
    )
),
by_weights as (
    select dealer, brand, weight from dealers_of_run(run = {run:UInt32}) where weight > 0
),
unshared as (select '' as dealer, '' as brand, toFloat64(0) as weight where false),
(
    select
        arrayMap(
            (sharer, place) -> (sharer.1, sharer.2, if(place = 1, 0, upto[place - 1] / upto[-1]), upto[place] / upto[-1]),
            sharers, arrayEnumerate(sharers))
    from
    (
        select arraySort(groupArray((dealer, brand, weight))) as sharers, arrayCumSum(each -> each.3, sharers) as upto
        from {weights:Identifier}
    )
) as shares,
shared as (
    select
        if(
            sharer = 0, facts.known,
            arrayMap(
                (value, slot) -> multiIf(slot = 'dealer', shares[sharer].1, slot = 'brand', shares[sharer].2, value),
                facts.known, {slots:Array(String)})) as known,
        if(
            sharer = 0, facts.cost - if(empty(shares), 0, unnamed),
            toInt64(round(unnamed * shares[sharer].4)) - toInt64(round(unnamed * shares[sharer].3))) as cost,
        facts.impressions * (sharer = 0) as impressions, facts.clicks * (sharer = 0) as clicks,
        facts.sessions * (sharer = 0) as sessions, facts.leads * (sharer = 0) as leads,
        facts.qualified * (sharer = 0) as qualified, facts.visits * (sharer = 0) as visits,
        facts.sales * (sharer = 0) as sales, facts.service_visits * (sharer = 0) as service_visits,
        facts.revenue * (sharer = 0) as revenue, facts.margin * (sharer = 0) as margin
    from facts
    array join if(unnamed = 0, [toUInt64(0)], range(length(shares) + 1)) as sharer
),
ruled as (
    select
        shared.*, arrayPushBack(shared.known, towns.city) as values,
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
    from shared
    left any join dealers_of_run(run = {run:UInt32}) as towns on shared.known[{dealer_slot:UInt8}] = towns.dealer
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
            dimensions, found) as all_names,
        arraySlice(all_names, 1, {groupings:UInt8}) as names
    from ruled
    where
        arrayAll(
            (name, filter) -> has(filter.values, name) != filter.excluded,
            arraySlice(all_names, {groupings:UInt8} + 1), {filters:Array(Tuple(excluded Bool, values Array(String)))})
),
grouped as (
    select
        names, grouping(names) as is_total, sum(named.cost) as cost, sum(named.impressions) as impressions,
        sum(named.clicks) as clicks, sum(named.sessions) as sessions, sum(named.leads) as leads,
        sum(named.qualified) as qualified, sum(named.visits) as visits, sum(named.sales) as sales,
        sum(named.service_visits) as service_visits, sum(named.revenue) as revenue, sum(named.margin) as margin
    from named
    group by grouping sets ((names), ())
    having
        is_total = 1 or cost != 0 or impressions != 0 or clicks != 0 or sessions != 0 or leads != 0 or qualified != 0
        or visits != 0 or sales != 0 or service_visits != 0 or revenue != 0 or margin != 0
),
keyed as (
    select
        *,
        [
            cost / 10000, toFloat64(impressions), toFloat64(clicks), toFloat64(sessions), leads / 1000000000,
            qualified / 1000000000, visits / 1000000000, sales / 1000000000, service_visits / 1000000000,
            revenue / 10000, margin / 10000
        ] as sums,
        arrayMap(
            program -> arrayFold(
                (stack, step) -> multiIf(
                    step.1 = 'number', arrayPushBack(stack, step.2),
                    step.1 = 'figure', arrayPushBack(stack, sums[toUInt8(step.2)]),
                    step.1 = 'abs', arrayPushBack(arrayPopBack(stack), abs(stack[-1])),
                    arrayPushBack(
                        arrayPopBack(arrayPopBack(stack)),
                        arrayMap(
                            value -> if(isFinite(value), value, nan),
                            [multiIf(
                                step.1 = 'coalesce', if(isNaN(stack[-2]), stack[-1], stack[-2]),
                                step.1 = '+', stack[-2] + stack[-1],
                                step.1 = '-', stack[-2] - stack[-1],
                                step.1 = '*', stack[-2] * stack[-1],
                                step.1 = '/', stack[-2] / stack[-1],
                                isNaN(stack[-2]) or isNaN(stack[-1]), nan,
                                step.1 = 'min', least(stack[-2], stack[-1]),
                                step.1 = 'max', greatest(stack[-2], stack[-1]),
                                sign(stack[-2]) * (floor(abs(stack[-2]) * stack[-1] + 0.5) / stack[-1]))])[1])),
                program, emptyArrayFloat64())[-1],
            {sort:Array(Array(Tuple(String, Float64)))}) as keys,
        if({sorted_name:UInt8} = 0, '', names[{sorted_name:UInt8}]) as sorted_name
    from grouped
)
select
    names[1] as name1, names[2] as name2, names[3] as name3, names[4] as name4, is_total, count() over () - 1 as groups,
    cost, impressions, clicks, sessions, leads, qualified, visits, sales, service_visits, revenue, margin
from keyed
order by
    is_total desc, if({descending:Bool}, '', sorted_name), if({descending:Bool}, sorted_name, '') desc,
    isNaN(keys[1]), if({descending:Bool}, -keys[1], keys[1]), isNaN(keys[2]), if({descending:Bool}, -keys[2], keys[2]), names
limit {upto:UInt64}
