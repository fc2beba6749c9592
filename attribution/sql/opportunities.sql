-- name: find_opportunities
-- Which opportunities are there: each lead with the deals that came of it, and each deal that came of no lead?
--
-- A deal belongs to the lead that it names; where that request was counted with an earlier one, or none is named, to the
-- newest lead of the same person and dealer within `opportunity_days` before; where the deal names no dealer, of whichever.
-- So do responses to a lead: a response that the CRM notes, an answered call, a call back, or any stage beyond lead.
insert into opportunities
    (base, run, id, has_lead, person, at, day, hour, dealer, manager, product, kind, is_service, deals, seen_at, reached_at,
     credited_kind, state, lost_at, lost_reason, amount, margin, responded_at, is_missed)
with
concerned as (select key from concerned_keys where run = {run:UInt32}),
concerned_deals as (select id, about from concerned_events where run = {run:UInt32} and family = 'deals'),
lead_words as (
    select
        id, created_at, dealer, status, first_response_at,
        JSONExtractString(properties, 'direction') in ('service', 'parts') as is_service
    from leads final
    where
        {since:Int64} = 0
        or id in (select id from concerned_events where run = {run:UInt32} and family = 'leads')
),
counted as (
    select c.id as id, c.at as at, c.person as person, c.dealer as dealer, c.manager as manager, c.product as product,
        l.is_service as is_service
    from (select * from conversions where base = {base:UInt32} and run = {run:UInt32} and kind = 'lead') as c
    left join lead_words as l on c.id = l.id and c.at = l.created_at
),
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
        {since:Int64} = 0
        or id in (select id from concerned_deals) and deal_id in (select about from concerned_deals)
),
deal_states as (
    select
        deal_id,
        argMaxIf(lead_id, place, lead_id != '') as lead_id,
        argMaxIf(kind, place, kind != '') as kind,
        argMaxIf(dealer, place, dealer != '') as dealer,
        argMaxIf(manager, place, manager != '') as manager,
        argMaxIf(product, place, product != '') as product,
        argMaxIf(amount, place, amount is not null) as amount,
        argMaxIf(margin, place, margin is not null) as margin,
        min(occurred_at) as opened_at,
        minOrNullIf(occurred_at, stage = 'lead') as lead_at,
        minOrNullIf(occurred_at, stage = 'qualified') as qualified_at,
        minOrNullIf(occurred_at, stage = 'appointment') as appointment_at,
        minOrNullIf(occurred_at, stage = 'visit') as visit_at,
        minOrNullIf(occurred_at, stage = 'test_drive') as test_drive_at,
        minOrNullIf(occurred_at, stage = 'contract') as contract_at,
        minOrNullIf(occurred_at, stage = 'sale') as first_sale_at,
        maxOrNullIf(occurred_at, stage = 'lost') as lost_at,
        minOrNullIf(occurred_at, stage != 'lead') as handled_at,
        argMaxIf(lost_reason, place, stage = 'lost') as lost_reason,
        maxIf(occurred_at, stage != 'lost') as moved_at,
        arrayFirstOrNull(
            moment -> lost_at is null or moment >= lost_at,
            arraySort(groupArrayIf(occurred_at, stage = 'sale'))) as sale_at,
        multiIf(sale_at is not null, 'sold', lost_at is not null and lost_at >= moved_at, 'lost', 'open') as state,
        multiIf(
            first_sale_at is not null, 6, contract_at is not null, 5, test_drive_at is not null, 4,
            visit_at is not null, 3, appointment_at is not null, 2, qualified_at is not null, 1, 0) as furthest
    from deal_events
    group by deal_id
),
talks as (
    select c.id as id, t.at as at, t.dealer as dealer, c.called as called, t.is_outgoing as is_outgoing,
        c.status in ('missed', 'busy', 'failed') as is_missed,
        if(is_missed, null, toNullable(t.at + toIntervalSecond(ifNull(c.waiting_s, 0)))) as responded_at
    from (select * from calls final) as c
    inner join heard_calls(run = {run:UInt32}, timezone = {timezone:String}, since = 0) as t on c.id = t.id
    where c.id not in (select id from noise_of_run(run = {run:UInt32}) where family = 'calls' and excluded)
),
facts as (
    select
        sipHash64(concat('deal:', d.deal_id)) as key, d.deal_id as deal, d.opened_at as opened_at,
        if(l.id = '', coalesce(d.lead_at, d.opened_at), l.created_at) as at,
        if(l.id = '', d.dealer, l.dealer) as dealer, d.dealer as deal_dealer,
        if(l.id = '', d.kind in ('service', 'parts'), l.is_service) as is_service,
        d.kind as kind, d.manager as manager, d.product as product, d.state as state, (d.furthest, d.opened_at) as place,
        d.qualified_at as qualified_at, d.appointment_at as appointment_at, d.visit_at as visit_at,
        d.test_drive_at as test_drive_at, d.contract_at as contract_at, d.first_sale_at as first_sale_at,
        d.sale_at as sale_at, d.lost_at as lost_at, d.lost_reason as lost_reason, d.amount as amount, d.margin as margin,
        d.handled_at as responded_at, false as is_missed, false as is_qualified
    from deal_states as d
    left join lead_words as l on d.lead_id = l.id
    union all
    select
        key, '', at, at, dealer, dealer, is_service, '', '', '', '', (0, at), null, null, null, null, null, null, null,
        null, '', null, null, responded_at, is_missed, is_qualified
    from
    (
        select
            sipHash64(concat('lead:', id)) as key, created_at as at, dealer, is_service, first_response_at as responded_at,
            false as is_missed, status = 'qualified' as is_qualified
        from lead_words
        where status != 'junk'
        union all
        select hash, at, dealer, false, responded_at, is_missed and talker = 'call:', false
        from talks
        array join ['call:', 'phone:'] as talker, [sipHash64(concat('call:', id)), sipHash64(concat('phone:', called))] as hash
        where talker = 'phone:' or not is_outgoing
    )
),
facts_of_persons as (
    select f.*, if(known.key = 0, f.key, known.person) as person
    from facts as f
    left join (select key, person from person_keys where base = {base:UInt32} and run = {run:UInt32}) as known
        on f.key = known.key
    where {since:Int64} = 0 or f.key in concerned
),
placed as (
    select
        true as has_lead, c.id as id, c.person as person, toNullable(c.at) as at, c.dealer as dealer,
        c.is_service as is_service, c.manager as lead_manager, c.product as lead_product, '' as deal, '' as kind,
        '' as manager, '' as product, '' as state, (0, c.at) as place,
        null as qualified_at, null as appointment_at, null as visit_at, null as test_drive_at, null as contract_at,
        null as first_sale_at, null as sale_at, null as lost_at, '' as lost_reason, null as amount, null as margin,
        null as responded_at, false as is_missed, false as is_qualified
    from counted as c
    union all
    select
        near.id != '' and near.at >= f.at - toIntervalDay({opportunity_days:UInt32}) as belongs,
        if(belongs, near.id, f.deal), f.person, if(belongs, null, toNullable(f.opened_at)),
        if(belongs, near.dealer, f.deal_dealer), if(belongs, near.is_service, f.kind in ('service', 'parts')), '', '',
        f.deal, f.kind, f.manager, f.product, f.state, f.place,
        f.qualified_at, f.appointment_at, f.visit_at, f.test_drive_at, f.contract_at, f.first_sale_at,
        f.sale_at, f.lost_at, f.lost_reason, f.amount, f.margin, f.responded_at, f.is_missed, f.is_qualified
    from facts_of_persons as f
    asof left join
    (
        select id, person, dealer, is_service, at, arrayJoin(arrayDistinct([dealer, ''])) as asked_dealer from counted
    ) as near
        on f.person = near.person and f.dealer = near.asked_dealer and f.is_service = near.is_service and f.at >= near.at
    where belongs or f.deal != ''
),
summed as (
    select
        has_lead, id, any(person) as person, assumeNotNull(min(at)) as opened_at, any(dealer) as dealer,
        any(is_service) as asks_service, countIf(deal != '') as deals,
        max(lead_manager) as lead_manager, max(lead_product) as lead_product,
        argMaxIf(manager, place, deal != '') as deal_manager, argMaxIf(product, place, deal != '') as deal_product,
        argMaxIf(kind, place, deal != '') as deal_kind, minIf(kind in ('service', 'parts'), deal != '') as only_service,
        arrayMap(
            moment -> if(moment is null, null, greatest(moment, opened_at)),
            [
                toNullable(opened_at), min(qualified_at), min(appointment_at), min(visit_at), min(test_drive_at),
                min(contract_at), min(sale_at), min(first_sale_at), min(responded_at)
            ]) as moments,
        countIf(state = 'sold') as sold, countIf(state = 'open') as open,
        max(lost_at) as last_lost_at, argMax(lost_reason, lost_at) as last_lost_reason,
        sumIf(amount, state = 'sold') as sold_amount, sumIf(margin, state = 'sold') as sold_margin,
        argMaxIf(amount, place, state = 'open') as open_amount, argMaxIf(margin, place, state = 'open') as open_margin,
        max(is_missed) as is_missed, max(is_qualified) as is_qualified
    from placed
    group by has_lead, id
)
select
    {base:UInt32}, {run:UInt32}, s.id as id, s.has_lead as has_lead, s.person as person, s.opened_at as at,
    toDate(at, {timezone:String}) as day, toHour(at, {timezone:String}) as hour, s.dealer as dealer,
    if(s.lead_manager = '', s.deal_manager, s.lead_manager) as manager,
    if(s.lead_product = '', s.deal_product, s.lead_product) as product,
    multiIf(s.deal_kind != '', s.deal_kind, s.asks_service, 'service', '') as kind,
    if(s.deals > 0, s.only_service, s.asks_service) as is_service,
    toUInt32(s.deals) as deals,
    arraySlice(s.moments, 1, 7) as seen_at,
    [
        seen_at[1],
        if(s.is_qualified, seen_at[1], arrayReduce('min', arraySlice(s.moments, 2, 7))),
        seen_at[3],
        arrayReduce('min', arraySlice(s.moments, 4, 5)),
        seen_at[5],
        arrayReduce('min', arraySlice(s.moments, 6, 3)),
        seen_at[7]
    ] as reached_at,
    multiIf(
        s.has_lead, 'lead', seen_at[4] is not null, 'visit', seen_at[7] is not null, 'sale',
        seen_at[2] is not null, 'qualified', '') as credited_kind,
    multiIf(s.sold > 0, 'sold', s.open > 0 or s.deals = 0, 'open', 'lost') as state,
    if(state = 'lost', s.last_lost_at, null) as lost_at,
    if(state = 'lost', ifNull(s.last_lost_reason, ''), '') as lost_reason,
    if(state = 'sold', s.sold_amount, s.open_amount) as amount,
    if(state = 'sold', s.sold_margin, s.open_margin) as margin,
    s.moments[9] as responded_at,
    s.is_missed as is_missed
from summed as s;

-- name: known_until
-- When was the last lead, call or stage of a deal heard of, before the run began? 1970 where there is none.
with
fromUnixTimestamp64Milli({started_at:Int64}, 'UTC') as upto
select greatest(
    (select maxIf(created_at, created_at <= upto) from leads),
    (select maxIf(started_at, started_at <= upto) from calls),
    (select maxIf(occurred_at, occurred_at <= upto) from deals)) as until
