-- What may be a touch and has no person yet: visits, leads and calls that bring a source of their own, and what codes and
-- addresses say of leads and deals. `since`, in ms since 1970, leaves those out that have not changed since then. A
-- referrer of the same site says nothing.
with
turned as (
    select id from turned_events where run = {run:UInt32} and family = 'touches'
)
select
    'touches' as family, id, occurred_at as at, concat('visitor:', visitor_id) as key, session_id,
    source, medium, campaign, content, term, contractor, device, region, dealer,
    arrayStringConcat(arraySort(mapKeys(click_ids)), ',') as clicks,
    if(domainWithoutWWW(referrer) = domainWithoutWWW(url), '', domainWithoutWWW(referrer)) as referrer_host,
    received_at as version
from
(
    select * from touches final prewhere loaded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') where id not in turned
    union all
    select * from touches final where id in turned
)
where id not in (
    select id
    from noise_of_run(run = {run:UInt32})
    where
        family = 'touches' and excluded
        and (
            {since:Int64} = 0
            or id in (select id from changed_events where run = {run:UInt32} and family = 'touches')))
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
        or id in (select id from changed_events where run = {run:UInt32} and family = 'leads'))
union all
select
    'calls', id, at, concat('call:', id), session_id, source, medium, campaign, content, term,
    contractor, '', '', dealer, '', '', version
from tracked_calls(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64})
where source != '' or medium != '' or campaign != ''
union all
select *
from coded_touches(run = {run:UInt32})
