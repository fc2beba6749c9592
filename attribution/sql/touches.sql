-- name: find_origins
-- Which combinations of source fields are there, and which channel does each belong to?
insert into origins (run, origin, channel, source, medium, campaign, content, term, contractor, device, region)
with
named as (
    select distinct
        source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host
    from touch_candidates(run = {run:UInt32})
    union distinct
    select distinct source, medium, campaign, content, '', contractor, '', '', '', '' from spend final
    union distinct
    select distinct channel, channel, campaign, '', '', '', '', '', '', '' from messages final where cost > 0
    union distinct
    select distinct '', '', '', '', '', contractor, '', '', '', '' from contractor_fees where run = {run:UInt32}
),
ruled as (
    select
        source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host,
        argMin(rule.channel, rule.position) as channel
    from named
    cross join (select * from channel_rules where run = {run:UInt32}) as rule
    where
        (rule.source = '' or match(lowerUTF8(named.source), rule.source))
        and (rule.medium = '' or match(lowerUTF8(named.medium), rule.medium))
        and (rule.campaign = '' or match(lowerUTF8(named.campaign), rule.campaign))
        and (rule.click_id = '' or match(named.clicks, rule.click_id))
        and (rule.referrer = '' or match(lowerUTF8(named.referrer_host), rule.referrer))
    group by source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host
)
select
    {run:UInt32},
    cityHash64(source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host),
    channel, source, medium, campaign, content, term,
    if(contractor = '', owner.contractor, contractor), device, region
from ruled
left any join (select * from contractor_campaigns where run = {run:UInt32}) as owner
    on ruled.source = owner.source and ruled.medium = owner.medium and ruled.campaign = owner.campaign;

-- name: assign_touches
-- Whose is each touch, and of what origin?
insert into person_touches (run, person, at, id, origin, direct, dealer, session)
with
placed as (
    select
        id, at, sipHash64(key) as key_hash, session_id, dealer,
        cityHash64(source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host) as origin
    from touch_candidates(run = {run:UInt32})
)
select
    {run:UInt32}, if(known.key = 0, key_hash, known.person), at, id, origin,
    origin in (select origin from origins where run = {run:UInt32} and channel = 'direct'),
    dealer, if(session_id = '', cityHash64(id), cityHash64(session_id))
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
    where run = {run:UInt32}
    group by session
) as starts
left join (select dealer, brand from dealers where run = {run:UInt32}) as dealers on starts.dealer = dealers.dealer
group by date, origin, starts.dealer
