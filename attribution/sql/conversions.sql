-- name: count_deal_events
-- How many events do deals have?
select count() from deals;

-- name: sum_deals
-- What do the events of each deal of this part come to, where the deal concerns this run?
insert into deal_states
    (run, deal_id, lead_id, deal_kind, dealer, manager, product, amount, amount_currency, margin, margin_currency,
     lead_at, qualified_at, visit_at, lost_at, sale_at, has_lead, has_qualified, has_visit, has_sale, is_service)
with
concerned as (select id, about from concerned_events where run = {run:UInt32} and family = 'deals'),
deal_events as (
    select
        *,
        (
            occurred_at,
            indexOf(['lead', 'qualified', 'appointment', 'visit', 'test_drive', 'contract', 'sale', 'lost'], stage),
            id
        ) as place
    from deals final
    where
        cityHash64(deal_id) % {parts:UInt32} = {part:UInt32}
        and (
            {since:Int64} = 0
            or id in (select id from concerned) and deal_id in (select about from concerned))
)
select
    {run:UInt32}, deal_id,
    argMaxIf(lead_id, place, lead_id != '') as lead_id,
    argMaxIf(kind, place, kind != '') as deal_kind,
    argMaxIf(dealer, place, dealer != '') as dealer,
    argMaxIf(manager, place, manager != '') as manager,
    argMaxIf(product, place, product != '') as product,
    coalesce(argMaxIf(amount, place, amount is not null), 0) as amount,
    argMaxIf(currency, place, deal_events.amount is not null) as amount_currency,
    coalesce(argMaxIf(margin, place, margin is not null), 0) as margin,
    argMaxIf(currency, place, deal_events.margin is not null) as margin_currency,
    minIf(occurred_at, stage = 'lead') as lead_at,
    minIf(occurred_at, stage = 'qualified') as qualified_at,
    minIf(occurred_at, stage = 'visit') as visit_at,
    maxIf(occurred_at, stage = 'lost') as lost_at,
    arrayFirst(at -> at >= lost_at, arraySort(groupArrayIf(occurred_at, stage = 'sale'))) as sale_at,
    countIf(stage = 'lead') > 0 as has_lead,
    countIf(stage = 'qualified') > 0 as has_qualified,
    countIf(stage = 'visit') > 0 as has_visit,
    countIf(stage = 'sale') > 0 and maxIf(occurred_at, stage = 'sale') >= lost_at as has_sale,
    deal_kind in ('service', 'parts') as is_service
from deal_events
group by deal_id;

-- name: find_conversions
-- Which leads, qualified leads, showroom visits, sales and service visits are there, of whom, and since when do touches count?
--
-- A request that names no dealer is of the one that its code or address is bound to, else of the one that its person's
-- nearest request within the lead window names; of two as near, of the earlier.
insert into conversions
    (base, run, kind, id, person, at, window_from, window_to, dealer, brand, manager, product, deal_kind, repeat, revenue, margin)
with
concerned as (select key from concerned_keys where run = {run:UInt32}),
wanted_leads as (
    select *
    from leads final
    where
        {since:Int64} = 0
        or id in (select id from concerned_events where run = {run:UInt32} and family = 'leads')
),
dealers_of_codes as (
    select about, argMaxIf(says.1, way, says.1 != '') as dealer
    from named_codes
    where run = {run:UInt32} and kind = 'lead'
    group by about
),
requests as (
    select
        id, created_at as at, sipHash64(concat('lead:', id)) as key, if(l.dealer != '', l.dealer, c.dealer) as dealer,
        manager, product, JSONExtractString(properties, 'direction') as direction
    from wanted_leads as l
    left any join dealers_of_codes as c on l.id = c.about
    where
        status not in ('junk', 'duplicate')
        and id not in (select id from noise_of_run(run = {run:UInt32}) where family = 'leads' and excluded)
    union all
    select id, at, sipHash64(concat('call:', id)), dealer, operator, '', ''
    from tracked_calls(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64})
    where {since:Int64} = 0 or sipHash64(concat('call:', id)) in concerned
    union all
    select deal_id, lead_at, sipHash64(concat('deal:', deal_id)), dealer, manager, product, ''
    from deal_states
    where run = {run:UInt32} and has_lead and lead_id = '' and not is_service
),
requests_of_persons as (
    select request.*, if(known.key = 0, request.key, known.person) as person
    from requests as request
    left join (select key, person from person_keys where base = {base:UInt32} and run = {run:UInt32}) as known
        on request.key = known.key
    where {since:Int64} = 0 or request.key in concerned
),
dealers_named as (
    select
        person, arraySort(groupArray((at, id, dealer, direction, manager, product))) as asked,
        arrayMap(request -> (request.1, request.3), asked) as named,
        arrayFill(naming -> naming.2 != '', named) as named_before,
        arrayReverseFill(naming -> naming.2 != '', named) as named_after
    from requests_of_persons
    group by person
),
requests_of_dealers as (
    select
        person, request.1 as at, request.2 as id, request.4 as direction, request.5 as manager, request.6 as product,
        before.2 != '' and dateDiff('second', before.1, at) <= {lead_window_days:UInt32} * 86400 as is_near_before,
        after.2 != '' and dateDiff('second', at, after.1) <= {lead_window_days:UInt32} * 86400 as is_near_after,
        multiIf(
            request.3 != '', request.3,
            is_near_before and is_near_after, if(at - before.1 <= after.1 - at, before.2, after.2),
            is_near_before, before.2, is_near_after, after.2, '') as dealer
    from dealers_named
    array join asked as request, named_before as before, named_after as after
),
counted_leads as (
    select person, dealer, counted.2 as id, counted.1 as at, counted.3 as manager, counted.4 as product
    from
    (
        select
            person, dealer, direction,
            arraySort(groupArray((at, id, manager, product))) as asked,
            arrayFold(
                (kept, request) -> if(
                    empty(kept) or dateDiff('second', kept[-1].1, request.1) > {lead_window_days:UInt32} * 86400,
                    arrayPushBack(kept, request), kept),
                asked,
                arrayResize(asked, 0)
            ) as kept
        from requests_of_dealers
        group by person, dealer, direction
    )
    array join kept as counted
),
rates as (
    select * from rates_of_run(run = {run:UInt32}, currency = {currency:String})
),
reached as (
    select stage.1 as kind, stage.2 as at, toDate(at, {timezone:String}) as day, deal_states.*
    from deal_states
    array join [
        ('visit', visit_at, has_visit and not is_service), ('sale', sale_at, has_sale and not is_service),
        ('service_visit', sale_at, has_sale and is_service)
    ] as stage
    where run = {run:UInt32} and stage.3
),
qualified as (
    select
        if(lead_id != '', lead_id, deal_id) as about, lead_id,
        (0, qualified_at, deal_id, concat('deal:', deal_id), dealer, manager, product, deal_kind) as told
    from deal_states
    where run = {run:UInt32} and has_qualified and not is_service
    union all
    select id, id, (1, created_at, id, concat('lead:', id), dealer, manager, product, '')
    from wanted_leads
    where status = 'qualified'
),
stages as (
    select
        kind, deal_id as id, sipHash64(concat('deal:', deal_id)) as key, at, lead_id, dealer, manager, product, deal_kind,
        toDecimal64(if(kind = 'visit', 0, round(amount * a.rate, 4)), 4) as revenue,
        toDecimal64(if(kind = 'visit', 0, round(r.margin * m.rate, 4)), 4) as margin
    from reached as r
    asof left join rates as a on r.amount_currency = a.currency and r.day >= a.date
    asof left join rates as m on r.margin_currency = m.currency and r.day >= m.date
    union all
    select
        'qualified', first.3, sipHash64(first.4), first.2, lead_id, first.5, first.6, first.7, first.8,
        toDecimal64(0, 4), toDecimal64(0, 4)
    from (select min(told) as first, any(lead_id) as lead_id from qualified group by about)
),
all_conversions as (
    select 'lead' as kind, id, person, at, at as opened_at, dealer, manager, product, '' as deal_kind,
        toDecimal64(0, 4) as revenue, toDecimal64(0, 4) as margin
    from counted_leads
    union all
    select
        s.kind, s.id, if(known.key = 0, s.key, known.person), s.at, if(l.id = '', s.at, l.at), s.dealer, s.manager,
        s.product, s.deal_kind, s.revenue, s.margin
    from stages as s
    left join (select key, person from person_keys where base = {base:UInt32} and run = {run:UInt32}) as known
        on s.key = known.key
    left join (select id, created_at as at from wanted_leads) as l on s.lead_id = l.id
    where {since:Int64} = 0 or s.key in concerned
)
select
    {base:UInt32}, {run:UInt32}, c.kind, c.id, c.person, c.at,
    least(c.at - toIntervalDay({lookback_days:Array(UInt32)}[indexOf({kinds:Array(String)}, c.kind)]), c.opened_at),
    greatest(c.at, c.opened_at),
    c.dealer, b.brand, c.manager, c.product, c.deal_kind,
    if(row_number() over (partition by c.person, c.kind order by c.at, c.id) = 1, 'first-time', 'repeat'),
    c.revenue, c.margin
from all_conversions as c
left join (select dealer, brand from dealers where run = {run:UInt32}) as b on c.dealer = b.dealer
