-- Promo codes and tracked addresses are touches, too.

drop view if exists touch_candidates;

create view if not exists touch_candidates as
with
said as (
    select
        id, occurred_at as at, concat('visitor:', visitor_id) as key, session_id, source, medium, campaign, content, term,
        contractor, device, region, dealer,
        arrayStringConcat(arraySort(mapKeys(click_ids)), ',') as clicks,
        if(domainWithoutWWW(referrer) = domainWithoutWWW(url), '', domainWithoutWWW(referrer)) as referrer_host,
        concat(source, medium, campaign, clicks, referrer_host) = '' as says_nothing
    from touches final
),
later_pages as (
    select arrayJoin(arrayFilter(each -> each.3, arrayPopFront(arraySort(groupArray((at, id, says_nothing)))))).2 as id
    from said
    where session_id in (select session_id from said where session_id != '' and says_nothing)
    group by session_id
    having count() > 1
),
visits as (
    select
        id, at, key, session_id, source, medium, campaign, content, term, contractor, device, region, dealer, clicks,
        referrer_host, true as is_visit
    from said
    where not says_nothing or id not in (select id from later_pages)
),
own_sources as (
    select
        id, created_at as at, concat('lead:', id) as key, session_id, source, medium, campaign, content, term,
        '' as contractor, '' as device, '' as region, dealer, '' as clicks, '' as referrer_host, false as is_visit
    from leads final
    where source != '' or medium != '' or campaign != ''
    union all
    select
        id, at, concat('call:', id), session_id, source, medium, campaign, content, term,
        contractor, '', '', dealer, '', '', false
    from tracked_calls(run = {run:UInt32}, timezone = {timezone:String})
    where source != '' or medium != '' or campaign != ''
)
select * from visits
union all
select * from own_sources
where session_id = '' or session_id not in (select session_id from touches where session_id != '')
union all
select * from coded_touches(run = {run:UInt32}, timezone = {timezone:String});
