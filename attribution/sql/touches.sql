-- name: find_origins
-- Which combinations of source fields are there, which channel does each belong to, and which contractor runs it?
--
-- Of several campaigns of contractors that fit, the one that names most holds; of those, one that names the campaign.
insert into origins
    (run, origin, channel, source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host)
with
(
    select arraySort(groupArray((position, channel, source, medium, campaign, click_id, referrer)))
    from channel_rules
    where run = {run:UInt32}
) as rules,
named as (
    select distinct
        source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host
    from touch_candidates(run = {run:UInt32}, timezone = {timezone:String})
    union distinct
    select distinct source, medium, campaign, content, '', contractor, '', '', '', '' from spend final
    union distinct
    select distinct channel, channel, campaign, '', '', '', '', '', '', '' from messages final where cost > 0
    union distinct
    select distinct '', '', '', '', '', contractor, '', '', '', '' from contractor_fees where run = {run:UInt32}
),
ruled as (
    select
        *,
        arrayFirst(
            rule ->
                (rule.3 = '' or match(lowerUTF8(source), rule.3))
                and (rule.4 = '' or match(lowerUTF8(medium), rule.4))
                and (rule.5 = '' or match(lowerUTF8(campaign), rule.5))
                and (rule.6 = '' or match(clicks, rule.6))
                and (rule.7 = '' or match(lowerUTF8(referrer_host), rule.7)),
            rules
        ).2 as ruled_channel,
        concat(source, medium, campaign, clicks, referrer_host) = '' as says_nothing,
        multiIf(
            says_nothing and contractor != '', 'other', ruled_channel != '', ruled_channel, says_nothing, 'direct', 'other'
        ) as channel
    from named
),
askable as (
    select source, medium, campaign, asked
    from (select distinct source, medium, campaign from named)
    array join [
        (source, medium, campaign), (source, '', campaign), ('', medium, campaign), ('', '', campaign),
        (source, medium, ''), (source, '', ''), ('', medium, '')
    ] as asked
),
owners as (
    select
        a.source as source, a.medium as medium, a.campaign as campaign,
        argMin(c.contractor, (countEqual([c.source, c.medium, c.campaign], ''), c.campaign = '', c.source = '')) as contractor
    from askable as a
    inner join (select * from contractor_campaigns where run = {run:UInt32}) as c
        on a.asked.1 = c.source and a.asked.2 = c.medium and a.asked.3 = c.campaign
    group by source, medium, campaign
)
select
    {run:UInt32},
    cityHash64(source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host),
    channel, source, medium, campaign, content, term,
    if(contractor = '', owner.contractor, contractor), device, region, clicks, referrer_host
from ruled
left any join owners as owner
    on ruled.source = owner.source and ruled.medium = owner.medium and ruled.campaign = owner.campaign;

-- name: assign_touches
-- Whose is each touch, and of what origin?
insert into person_touches (run, person, at, id, origin, direct, dealer, session)
with
placed as (
    select
        id, at, sipHash64(key) as key_hash, session_id, dealer, is_visit,
        cityHash64(source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host) as origin
    from touch_candidates(run = {run:UInt32}, timezone = {timezone:String})
)
select
    {run:UInt32}, if(known.key = 0, key_hash, known.person), at, id, origin,
    origin in (select origin from origins where run = {run:UInt32} and channel = 'direct'),
    dealer, multiIf(not is_visit, 0, session_id = '', cityHash64(id), cityHash64(session_id))
from placed
left join (select key, person from person_keys where run = {run:UInt32}) as known on placed.key_hash = known.key;

-- name: count_sessions
-- How many site visits did each origin bring on each day?
insert into daily_sessions (run, date, origin, dealer, brand, sessions)
select {run:UInt32}, date, origin, starts.dealer, any(dealers.brand), count()
from
(
    select
        toDate(min(at), {timezone:String}) as date, argMin(origin, (at, id)) as origin, argMin(dealer, (at, id)) as dealer
    from person_touches
    where run = {run:UInt32} and session != 0
    group by session
) as starts
left join (select dealer, brand from dealers where run = {run:UInt32}) as dealers on starts.dealer = dealers.dealer
group by date, origin, starts.dealer
