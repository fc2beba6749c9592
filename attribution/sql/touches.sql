-- name: keep_candidates
-- What may be a touch and has come since the run before?
insert into fresh_candidates
select {run:UInt32}, *
from touch_candidates(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64});

-- name: name_origins
-- Which combinations of source fields are there that the run before did not know?
insert into named_origins
with
every as (
    select * from touch_candidates(run = {run:UInt32}, timezone = {timezone:String}, since = 0)
),
fresh as (
    select * from fresh_candidates where run = {run:UInt32}
)
select
    {run:UInt32},
    cityHash64(source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host) as origin,
    source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host
from
(
    select distinct
        source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host
    from {candidates:Identifier}
    union distinct
    select distinct source, medium, campaign, content, '', contractor, '', '', '', '' from spend
    union distinct
    select distinct channel, channel, campaign, '', '', '', '', '', '', '' from messages where cost > 0
    union distinct
    select distinct '', '', '', '', '', contractor, '', '', '', '' from contractor_fees where run = {run:UInt32}
)
where origin not in (select origin from origins where base = {base:UInt32});

-- name: find_origins
-- Which channel does each of them belong to, and which contractor runs it?
--
-- Of several campaigns of contractors that fit, the one that names most holds; of those, one that names the campaign.
insert into origins
    (base, origin, channel, source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host)
with
(
    select arraySort(groupArray((position, channel, source, medium, campaign, click_id, referrer)))
    from channel_rules
    where run = {run:UInt32}
) as rules,
askable as (
    select source, medium, campaign, asked
    from (select distinct source, medium, campaign from named_origins where run = {run:UInt32})
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
    {base:UInt32}, origin,
    multiIf(
        says_nothing and named.contractor != '', 'other', ruled_channel != '', ruled_channel, says_nothing, 'direct', 'other'),
    named.source, named.medium, named.campaign, content, term,
    if(named.contractor = '', owner.contractor, named.contractor), device, region, clicks, referrer_host
from
(
    select
        *,
        concat(source, medium, campaign, clicks, referrer_host) = '' as says_nothing,
        arrayFirst(
            rule ->
                (rule.3 = '' or match(lowerUTF8(source), rule.3))
                and (rule.4 = '' or match(lowerUTF8(medium), rule.4))
                and (rule.5 = '' or match(lowerUTF8(campaign), rule.5))
                and (rule.6 = '' or match(clicks, rule.6))
                and (rule.7 = '' or match(lowerUTF8(referrer_host), rule.7)),
            rules
        ).2 as ruled_channel
    from named_origins
    where run = {run:UInt32}
) as named
left any join owners as owner
    on named.source = owner.source and named.medium = owner.medium and named.campaign = owner.campaign;

-- name: place_touches
-- Of what origin is each touch that is new, has another person or is of a changed session, and in which session?
--
-- What earlier runs placed is carried over, unless the event has changed.
insert into placed_touches
with
every as (
    select * from touch_candidates(run = {run:UInt32}, timezone = {timezone:String}, since = 0)
),
fresh as (
    select * from fresh_candidates where run = {run:UInt32}
),
named as (
    select
        family, id, at, sipHash64(key) as key, version, dealer,
        sipHash64(concat(family, ':', id)) as touch,
        family = 'touches' as is_visit,
        multiIf(session_id != '', cityHash64(session_id), is_visit, cityHash64(id), 0) as session,
        cityHash64(source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host) as origin,
        concat(source, medium, campaign, clicks, referrer_host) = '' as says_nothing
    from {candidates:Identifier}
),
either as (
    select key, at, id, touch, version, origin, dealer, session, is_visit, says_nothing, true as counted
    from named
    where {since:Int64} = 0 or touch in (select event from changed_events where run = {run:UInt32})
    union all
    select key, at, id, touch, version, origin, dealer, session, is_visit, says_nothing, counts
    from seen_touches
    where run = {run:UInt32} and touch not in (select event from changed_events where run = {run:UInt32})
)
select
    {run:UInt32}, key, at, id, touch, version, origin,
    origin in (select origin from origins where base = {base:UInt32} and channel = 'direct'),
    dealer, session, is_visit, says_nothing, counted
from either;

-- name: count_touches
-- Whose are they, and which touches count?
--
-- A page looked at within a visit is no touch of its own: where a later visit of a session says nothing of where the visitor
-- came from, the session's first stands for it. Nor is a lead or call, whose session has visits.
insert into person_touches
with
firsts as (
    select session, min((at, id)) as first
    from placed_touches
    where
        run = {run:UInt32} and is_visit
        and session in (select session from placed_touches where run = {run:UInt32} and is_visit and says_nothing)
    group by session
    having count() > 1
),
visited as (
    select session
    from placed_touches
    where
        run = {run:UInt32} and is_visit
        and session in (select session from placed_touches where run = {run:UInt32} and not is_visit and session != 0)
)
select
    {base:UInt32}, {run:UInt32}, if(known.person = 0, p.key, known.person), p.key, at, id, touch, version, origin, direct,
    dealer, p.session, is_visit, says_nothing,
    multiIf(
        {since:Int64} != 0 and p.session not in (select session from changed_sessions where run = {run:UInt32}), counted,
        is_visit, not says_nothing or firsts.session = 0 or (at, id) = firsts.first,
        p.session not in visited)
from (select * from placed_touches where run = {run:UInt32}) as p
left any join firsts on p.session = firsts.session
left join
(
    select key, person
    from persons_of_run(run = {run:UInt32})
    where {since:Int64} = 0 or key in (select key from placed_touches where run = {run:UInt32})
) as known on p.key = known.key;

-- name: count_sessions
-- How many site visits did each origin bring on each day? Of the sessions that changed, less those that were counted before.
insert into daily_sessions (base, run, date, origin, dealer, brand, sessions)
with
wanted as (
    select session, at, id, origin, dealer, 1 as weight
    from person_touches
    where base = {base:UInt32} and run = {run:UInt32} and is_visit
        and ({since:Int64} = 0 or session in (select session from changed_sessions where run = {run:UInt32}))
    union all
    select session, at, id, origin, dealer, -1
    from seen_touches
    where run = {run:UInt32} and is_visit and session in (select session from changed_sessions where run = {run:UInt32})
),
several as (
    select session from wanted group by session having count() > 1
),
begun as (
    select at, origin, dealer, weight from wanted where session not in several
    union all
    select first.1, first.3, first.4, weight
    from
    (
        select min((at, id, origin, dealer)) as first, weight
        from wanted
        where session in several
        group by session, weight
    )
),
starts as (
    select toDate(at, {timezone:String}) as date, origin, dealer, weight from begun
)
select {base:UInt32}, {run:UInt32}, date, origin, starts.dealer, any(dealers.brand), sum(weight)
from starts
left join (select dealer, brand from dealers where run = {run:UInt32}) as dealers on starts.dealer = dealers.dealer
group by date, origin, starts.dealer
having sum(weight) != 0
