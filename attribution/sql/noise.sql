-- name: note_groups
-- Which groups do changed events belong to, or did they belong to when something of the group was noise, and since when?
--
-- Some rules ask for nothing but the event, which is its own group; and how a session began is asked whenever it was.
insert into noise_groups (run, reason, held, at)
with fromUnixTimestamp64Milli({since:Int64}, 'UTC') as since_when
select {run:UInt32}, place.1 as reason, place.2 as held, min(place.3)
from
(
    select
        arrayConcat(
            [
                ('rapid_clicks', of_visitor, ms), ('duplicate_click', of_click, ms), ('crowded_address', of_address, ms),
                ('fast_form', of_session, 0)
            ],
            arrayMap(click_id -> ('shared_click_id', click_id, ms), of_click_ids)) as places
    from marked_touches(latest = false)
    where loaded_at >= since_when
    union all
    select arrayPushBack(arrayMap(block -> ('sequential_callers', block, ms), of_blocks), ('call_flood', of_caller, ms))
    from marked_calls
    where id in (select id from calls where loaded_at >= since_when)
    union all
    select
        [
            ('duplicate_lead', of_contact, ms), ('phone_across_dealers', of_phone, ms), ('many_phones', of_visitor, ms),
            ('fast_form', of_session, 0)
        ]
    from marked_leads
    where id in (select id from leads where loaded_at >= since_when)
    union all
    select
        arrayMap(
            reason -> (reason, event, toInt64(0)),
            multiIf(
                family = 'touches', ['bot'], family = 'calls', ['ultra_short_call'],
                ['test_lead', 'invalid_phone']))
    from changed_events
    where run = {run:UInt32} and family in ('touches', 'calls', 'leads')
    union all
    select [(toString(reason), held, at)]
    from noise
    where
        base = {base:UInt32} and run < {run:UInt32}
        and (family, id) in (select family, id from changed_events where run = {run:UInt32})
)
array join places as place
where place.2 != 0
group by reason, held;

-- name: groups_since
-- Since when, in ms since 1970, is each rule to judge groups anew?
select reason, min(at) as since from noise_groups where run = {run:UInt32} group by reason;

-- name: see_near_touches
-- Which touches belong to groups that are judged anew, since the first time that a rule asks for?
insert into near_touches (run, id, occurred_at, ms, of_visitor, is_click, of_click, of_click_ids, of_address)
with
visitors as (select held from noise_groups where run = {run:UInt32} and reason = 'rapid_clicks'),
clicks as (select held from noise_groups where run = {run:UInt32} and reason = 'duplicate_click'),
addresses as (select held from noise_groups where run = {run:UInt32} and reason = 'crowded_address'),
(select count() from clicks) as asked_clicks,
(select count() from addresses) as asked_addresses,
(select groupArray(held) from noise_groups where run = {run:UInt32} and reason = 'shared_click_id') as click_ids
select {run:UInt32}, id, occurred_at, ms, of_visitor, is_click, of_click, of_click_ids, of_address
from marked_touches(latest = true)
where id in (
    select id
    from marked_touches(latest = false)
    where
        occurred_at >= fromUnixTimestamp64Milli({read_since:Int64}, 'UTC')
        and (
            of_visitor in visitors
            or asked_clicks > 0 and of_click in clicks
            or asked_addresses > 0 and of_address in addresses
            or notEmpty(click_ids) and hasAny(of_click_ids, click_ids)));

-- name: note_undone
-- Which events were noise, and are not any more?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
first_judged as (
    select g.reason as reason, min(g.at) - any(r.seconds) * 1000 as at
    from noise_groups as g
    inner join (select reason, seconds from noise_rules where run = {run:UInt32}) as r on g.reason = r.reason
    where g.run = {run:UInt32}
    group by reason
)
select {base:UInt32}, {run:UInt32}, family, id, reason, held, was.at, excluded, false
from
(
    select *
    from judged_of_run(run = {previous:UInt32})
    where found and (reason, held) in (select reason, held from noise_groups where run = {run:UInt32})
) as was
inner join first_judged on was.reason = first_judged.reason
where
    was.at >= first_judged.at
    and (family, id, reason, held) not in (
        select family, id, reason, held from noise where base = {base:UInt32} and run = {run:UInt32});

-- name: note_turned
-- Which events are left out from this run on, or count again?
insert into turned_events (run, family, id, excluded)
with
judged as (select family, id from noise where base = {base:UInt32} and run = {run:UInt32}),
were_out as (
    select family, id from noise_of_run(run = {previous:UInt32}) where excluded and (family, id) in judged
),
are_out as (
    select family, id from noise_of_run(run = {run:UInt32}) where excluded and (family, id) in judged
)
select {run:UInt32}, family, id, true from are_out where (family, id) not in were_out
union distinct
select {run:UInt32}, family, id, false from were_out where (family, id) not in are_out;

-- name: note_changed
-- They have changed as well, and with leads what their codes say, and those of their deals.
insert into changed_events (run, family, id, event, came)
with
turned as (
    select family, id from turned_events where run = {run:UInt32}
),
told as (
    select family, id from turned
    union all
    select 'codes', arrayJoin([concat('promo:lead:', id), concat('mail:lead:', id)]) from turned where family = 'leads'
    union all
    select distinct 'codes', concat('promo:deal:', deal_id)
    from deals
    where lead_id in (select id from turned where family = 'leads')
)
select {run:UInt32}, family, id, sipHash64(concat(family, ':', id)) as event, false
from told
where event not in (select event from changed_events where run = {run:UInt32})
