-- Every event that is noise, a row for each reason, with where it came from. A lead or call that does not say so itself
-- came from where its session began. A source that the run knows from noise alone has the channel `other`.
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
left join marked as m on e.source = m.source and e.medium = m.medium and e.campaign = m.campaign
