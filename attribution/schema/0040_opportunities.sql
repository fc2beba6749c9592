-- Opportunities: each lead with the deals that came of it, and each deal that came of no lead.
--
-- A deal belongs to the lead that it names; else, where that request was counted with an earlier one or none is named, to
-- the newest lead of the same person and dealer within `lookback_days` before. Stages hold the first moment at which any
-- of its deals reached them, null where none did. `state` is sold (a sale stands), lost (every deal was lost) or open.
-- Days and hours are the account's.
-- `responded_at` is when the dealer first dealt with it: a response that the CRM notes, an answered call, a call back, or
-- any stage beyond lead. Amounts are those of sold deals, else of the furthest deal, null where nobody said.
create view if not exists opportunities_of_run as
with
lead_words as (
    select
        id, created_at, dealer, status, first_response_at,
        JSONExtractString(properties, 'direction') in ('service', 'parts') as is_service
    from leads final
),
counted as (
    select c.id as id, c.at as at, c.person as person, c.dealer as dealer, c.brand as brand, c.manager as manager,
        c.product as product, l.is_service as is_service
    from (select * from conversions_of_run(run = {run:UInt32}) where kind = 'lead') as c
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
asking_deals as (
    select
        d.*, if(known.key = 0, d.key, known.person) as person,
        if(l.id = '', coalesce(d.lead_at, d.opened_at), l.created_at) as asked_at,
        if(l.id = '', d.dealer, l.dealer) as asked_dealer,
        if(l.id = '', d.kind in ('service', 'parts'), l.is_service) as asked_service
    from (select *, sipHash64(concat('deal:', deal_id)) as key from deal_states) as d
    left join persons_of_run(run = {run:UInt32}) as known on d.key = known.key
    left join lead_words as l on d.lead_id = l.id
),
placed_deals as (
    select
        d.*,
        multiIf(
            named.id != '', named.id,
            near.id != '' and near.at >= d.asked_at - toIntervalDay({lookback_days:UInt32}), near.id,
            '') as lead
    from asking_deals as d
    left join (select id, person from counted) as named on d.lead_id = named.id and d.person = named.person
    asof left join (select id, person, dealer, is_service, at from counted) as near
        on d.person = near.person and d.asked_dealer = near.dealer and d.asked_service = near.is_service
            and d.asked_at >= near.at
),
openings as (
    select id, true as has_lead, at, person, dealer, brand, manager, product, is_service from counted
    union all
    select
        d.deal_id, false, d.opened_at, d.person, d.dealer, b.brand, d.manager, d.product,
        d.kind in ('service', 'parts') as is_service
    from (select * from placed_deals where lead = '') as d
    left join (select dealer, brand from dealers_of_run(run = {run:UInt32})) as b on d.dealer = b.dealer
),
talks as (
    select c.id as id, t.at as at, t.dealer as dealer, c.caller as caller, c.called as called,
        c.status in ('missed', 'busy', 'failed') as is_missed,
        if(is_missed, null, toNullable(t.at + toIntervalSecond(ifNull(c.waiting_s, 0)))) as responded_at
    from (select * from calls final) as c
    inner join tracked_calls(run = {run:UInt32}, timezone = {timezone:String}) as t on c.id = t.id
),
contacts as (
    select
        sipHash64(concat('lead:', id)) as key, dealer, is_service, created_at as at, first_response_at as responded_at,
        false as is_missed, status = 'qualified' as is_qualified
    from lead_words
    where status != 'junk'
    union all
    select sipHash64(concat('call:', id)), dealer, false, at, responded_at, is_missed, false from talks
    union all
    select sipHash64(concat('phone:', called)), dealer, false, at, responded_at, false, false
    from talks
    where called != ''
),
contacts_of_persons as (
    select c.*, if(known.key = 0, c.key, known.person) as person
    from contacts as c
    left join persons_of_run(run = {run:UInt32}) as known on c.key = known.key
),
answers as (
    select true as has_lead, near.id as opportunity, c.responded_at as responded_at, c.is_missed as is_missed,
        c.is_qualified as is_qualified
    from contacts_of_persons as c
    asof inner join (select id, person, dealer, is_service, at from counted) as near
        on c.person = near.person and c.dealer = near.dealer and c.is_service = near.is_service and c.at >= near.at
    union all
    select lead != '', if(lead = '', deal_id, lead), handled_at, false, false from placed_deals
),
answered as (
    select has_lead, opportunity, min(responded_at) as responded_at, max(is_missed) as is_missed,
        max(is_qualified) as is_qualified
    from answers
    group by has_lead, opportunity
),
outcomes as (
    select
        lead != '' as has_lead, if(lead = '', deal_id, lead) as opportunity, count() as deals,
        min(qualified_at) as qualified_at, min(appointment_at) as appointment_at, min(visit_at) as visit_at,
        min(test_drive_at) as test_drive_at, min(contract_at) as contract_at, min(first_sale_at) as first_sale_at,
        min(sale_at) as sale_at, max(lost_at) as last_lost_at, argMax(lost_reason, lost_at) as last_lost_reason,
        countIf(state = 'sold') as sold, countIf(state = 'open') as still_open,
        argMax(kind, (furthest, opened_at)) as furthest_kind,
        min(kind in ('service', 'parts')) as only_service,
        argMax(manager, (furthest, opened_at)) as deal_manager, argMax(product, (furthest, opened_at)) as deal_product,
        sumIf(amount, state = 'sold') as sold_amount, sumIf(margin, state = 'sold') as sold_margin,
        argMaxIf(amount, (furthest, opened_at), state = 'open') as open_amount,
        argMaxIf(margin, (furthest, opened_at), state = 'open') as open_margin
    from placed_deals
    group by has_lead, opportunity
),
credited as (
    select id, argMin(kind, (at, kind)) as first_kind
    from conversions_of_run(run = {run:UInt32})
    where kind in ('qualified', 'visit', 'sale')
    group by id
)
select
    o.id as id, o.has_lead as has_lead, o.person as person, o.at as at,
    toDate(o.at, {timezone:String}) as day, toMonday(day) as week, toStartOfMonth(day) as month,
    concat(toString(toDayOfWeek(day)), ' ', dateName('weekday', day)) as weekday,
    leftPad(toString(toHour(o.at, {timezone:String})), 2, '0') as hour,
    o.dealer as dealer, o.brand as brand,
    if(o.manager = '', d.deal_manager, o.manager) as manager, if(o.product = '', d.deal_product, o.product) as product,
    multiIf(d.furthest_kind != '', d.furthest_kind, o.is_service, 'service', '') as kind,
    if(d.deals > 0, d.only_service, o.is_service) as is_service,
    toUInt32(d.deals) as deals,
    if(o.has_lead, 'lead', c.first_kind) as credited_kind,
    arrayMap(
        moment -> if(moment is null, null, greatest(moment, o.at)),
        [toNullable(o.at), d.qualified_at, d.appointment_at, d.visit_at, d.test_drive_at, d.contract_at, d.sale_at]) as seen_at,
    [
        toNullable(o.at),
        arrayReduce('min', [
            if(a.is_qualified, toNullable(o.at), null), seen_at[2], seen_at[3], seen_at[4], seen_at[5], seen_at[6], d.first_sale_at]),
        seen_at[3],
        arrayReduce('min', [seen_at[4], seen_at[5], seen_at[6], d.first_sale_at]),
        seen_at[5],
        arrayReduce('min', [seen_at[6], d.first_sale_at]),
        seen_at[7]
    ] as reached_at,
    multiIf(d.sold > 0, 'sold', d.still_open > 0 or d.deals = 0, 'open', 'lost') as state,
    if(state = 'lost', d.last_lost_at, null) as lost_at,
    if(state = 'lost', ifNull(d.last_lost_reason, ''), '') as lost_reason,
    if(state = 'sold', d.sold_amount, d.open_amount) as amount,
    if(state = 'sold', d.sold_margin, d.open_margin) as margin,
    if(a.responded_at is null, null, greatest(o.at, a.responded_at)) as responded_at,
    a.is_missed as is_missed
from openings as o
left join outcomes as d on o.has_lead = d.has_lead and o.id = d.opportunity
left join answered as a on o.has_lead = a.has_lead and o.id = a.opportunity
left join credited as c on o.id = c.id;
