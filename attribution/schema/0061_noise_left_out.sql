-- Excluded noise drops out of calls and touches, and can be seen where it came from.

-- Calls, each with what the tracking number that was called says of it on that day in the account's time zone. Where two
-- bindings of a number overlap, the one that began last holds. A call that brings a source of its own keeps it.
-- `since`, in ms since 1970, leaves those out that have not changed since then.
create view if not exists heard_calls as
with
bindings as (
    select number, since as first_day, until, (dealer, source, medium, campaign, contractor) as says
    from tracking_numbers
    where run = {run:UInt32}
),
wanted as (
    select *
    from calls final
    where
        {since:Int64} = 0
        or id in (select id from calls where loaded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC'))
),
bound as (
    select c.id as call, argMax(b.says, (b.first_day, b.until, b.says)) as says
    from (select id, called, toDate(started_at, {timezone:String}) as day from wanted) as c
    inner join bindings as b on c.called = b.number
    where c.day between b.first_day and b.until
    group by c.id
)
select
    c.id as id, c.started_at as at, c.session_id as session_id, c.operator as operator,
    c.source != '' or c.medium != '' or c.campaign != '' as has_own,
    if(c.dealer != '', c.dealer, b.says.1) as dealer,
    if(has_own, c.source, b.says.2) as source,
    if(has_own, c.medium, b.says.3) as medium,
    if(has_own, c.campaign, b.says.4) as campaign,
    if(has_own, '', b.says.5) as contractor,
    c.content as content, c.term as term, c.received_at as version
from wanted as c
left join bound as b on c.id = b.call;

drop view if exists tracked_calls;

-- Calls that are no excluded noise.
create view if not exists tracked_calls as
select *
from heard_calls(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64})
where id not in (select id from noise_of_run(run = {run:UInt32}) where family = 'calls' and excluded);

drop view if exists touch_candidates;

-- What may be a touch and has no person yet: visits, and leads and calls that bring a source of their own. `since`, in ms
-- since 1970, leaves those out that have not changed since then. A referrer of the same site says nothing.
create view if not exists touch_candidates as
select
    'touches' as family, id, occurred_at as at, concat('visitor:', visitor_id) as key, session_id,
    source, medium, campaign, content, term, contractor, device, region, dealer,
    arrayStringConcat(arraySort(mapKeys(click_ids)), ',') as clicks,
    if(domainWithoutWWW(referrer) = domainWithoutWWW(url), '', domainWithoutWWW(referrer)) as referrer_host,
    received_at as version
from touches final
prewhere loaded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
where id not in (select id from noise_of_run(run = {run:UInt32}) where family = 'touches' and excluded)
union all
select
    'leads', id, created_at, concat('lead:', id), session_id, source, medium, campaign, content, term,
    '', '', '', dealer, '', '', received_at
from leads final
where
    (source != '' or medium != '' or campaign != '')
    and id not in (select id from noise_of_run(run = {run:UInt32}) where family = 'leads' and excluded)
    and (
        {since:Int64} = 0
        or id in (select id from leads where loaded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')))
union all
select
    'calls', id, at, concat('call:', id), session_id, source, medium, campaign, content, term,
    contractor, '', '', dealer, '', '', version
from tracked_calls(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64})
where source != '' or medium != '' or campaign != '';

-- Every event that is noise, a row for each reason, with where it came from. A lead or call that does not say so itself
-- came from where its session began. A source that the run knows from noise alone has the channel `other`.
create view if not exists noisy_events as
with
noisy as (
    select family, id, reason, excluded from noise_of_run(run = {run:UInt32})
),
touched as (
    select
        id, occurred_at as at, session_id, source, medium, campaign, dealer, contractor, true as is_touch,
        arrayStringConcat(arraySort(mapKeys(click_ids)), ',') as clicks,
        if(domainWithoutWWW(referrer) = domainWithoutWWW(url), '', domainWithoutWWW(referrer)) as referrer_host,
        cityHash64(source, medium, campaign, content, term, contractor, device, region, clicks, referrer_host) as origin
    from touches final
    where id in (
        select id from noisy where family = 'touches'
        union all
        select id from touches where session_id in (
            select session_id from leads where session_id != '' and id in (select id from noisy where family = 'leads')
            union all
            select session_id from calls where session_id != '' and id in (select id from noisy where family = 'calls')
        )
    )
),
begun as (
    select session_id, argMin((source, medium, campaign, contractor, clicks, origin), (at, id)) as began
    from touched
    where session_id != ''
    group by session_id
),
asked as (
    select 'leads' as family, id, created_at as at, session_id, source, medium, campaign, dealer, '' as contractor
    from leads final
    where id in (select id from noisy where family = 'leads')
    union all
    select 'calls', id, at, session_id, source, medium, campaign, dealer, contractor
    from heard_calls(run = {run:UInt32}, timezone = {timezone:String}, since = 0)
    where id in (select id from noisy where family = 'calls')
),
events as (
    select 'touches' as family, id, at, source, medium, campaign, dealer, contractor, clicks, origin from touched
    union all
    select
        family, id, at,
        if(concat(source, medium, campaign) = '', began.1, source), if(concat(source, medium, campaign) = '', began.2, medium),
        if(concat(source, medium, campaign) = '', began.3, campaign), dealer,
        if(concat(source, medium, campaign) = '', began.4, contractor),
        if(concat(source, medium, campaign) = '', began.5, ''), if(concat(source, medium, campaign) = '', began.6, 0)
    from asked
    left any join begun on asked.session_id = begun.session_id
),
marked as (
    select source, medium, campaign, any(channel) as channel, any(contractor) as contractor
    from origins_of_run(run = {run:UInt32})
    where concat(source, medium, campaign) != ''
    group by source, medium, campaign
)
select
    n.family as family, n.id as id, n.reason as reason, n.excluded as excluded, e.at as at,
    toDate(e.at, {timezone:String}) as day,
    multiIf(
        o.channel != '', o.channel, m.channel != '', m.channel,
        concat(e.source, e.medium, e.campaign, e.clicks) = '', 'direct', 'other') as channel,
    e.source as source, e.medium as medium, e.campaign as campaign, e.dealer as dealer,
    multiIf(e.contractor != '', e.contractor, o.contractor != '', o.contractor, m.contractor) as contractor,
    channel != 'direct' as is_click, '' as everything
from noisy as n
inner join events as e on n.family = e.family and n.id = e.id
left join origins_of_run(run = {run:UInt32}) as o on e.origin = o.origin
left join marked as m on e.source = m.source and e.medium = m.medium and e.campaign = m.campaign;
