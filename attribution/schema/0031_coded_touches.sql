-- Promo codes and tracked addresses are touches, too; and a call that an employee made ties whom it dialled.

drop view if exists touch_candidates;

-- What may be a touch and has no person yet: visits, leads and calls that bring a source of their own, and what codes and
-- addresses say of leads and deals. `since`, in ms since 1970, leaves those out that have not changed since then. A
-- referrer of the same site says nothing.
create view if not exists touch_candidates as
select
    'touches' as family, id, occurred_at as at, concat('visitor:', visitor_id) as key, session_id,
    source, medium, campaign, content, term, contractor, device, region, dealer,
    arrayStringConcat(arraySort(mapKeys(click_ids)), ',') as clicks,
    if(domainWithoutWWW(referrer) = domainWithoutWWW(url), '', domainWithoutWWW(referrer)) as referrer_host,
    received_at as version
from touches final
prewhere loaded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
union all
select
    'leads', id, created_at, concat('lead:', id), session_id, source, medium, campaign, content, term,
    '', '', '', dealer, '', '', received_at
from leads final
where
    (source != '' or medium != '' or campaign != '')
    and (
        {since:Int64} = 0
        or id in (select id from leads where loaded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')))
union all
select
    'calls', id, at, concat('call:', id), session_id, source, medium, campaign, content, term,
    contractor, '', '', dealer, '', '', version
from tracked_calls(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64})
where source != '' or medium != '' or campaign != ''
union all
select *
from coded_touches(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64});

drop view if exists named_keys;

-- The keys that each event names, its own first. A session stands for its visitor where a lead or call names no other.
create view if not exists named_keys as
with
fromUnixTimestamp64Milli({since:Int64}, 'UTC') as since_when,
asked_sessions as (
    select session_id from leads final where visitor_id = '' and session_id != ''
    union distinct
    select session_id from calls final where visitor_id = '' and session_id != ''
),
changed_visits as (
    select session_id from touches where session_id != '' and loaded_at >= since_when
    union distinct
    select session_id from leads where session_id != '' and loaded_at >= since_when
    union distinct
    select session_id from calls where session_id != '' and loaded_at >= since_when
),
named as (
    select
        'leads' as family, id,
        [concat('lead:', id), concat('phone:', phone), concat('email:', email), concat('visitor:', visitor_id),
         concat('user:', user_id), concat('session:', if(visitor_id = '', session_id, ''))] as keys
    from leads final
    where {since:Int64} = 0 or id in (select id from leads where loaded_at >= since_when)
    union all
    select
        'calls', id,
        [concat('call:', id), concat('phone:', if(direction = 'out', called, caller)), concat('visitor:', visitor_id),
         concat('session:', if(visitor_id = '', session_id, ''))]
    from calls final
    where {since:Int64} = 0 or id in (select id from calls where loaded_at >= since_when)
    union all
    select
        'deals', id,
        [concat('deal:', deal_id), concat('lead:', lead_id), concat('phone:', contact.phone),
         concat('email:', contact.email), concat('crm:', contact.crm_id), concat('visitor:', visitor_id)]
    from deals final
    where {since:Int64} = 0 or id in (select id from deals where loaded_at >= since_when)
    union all
    select 'touches', id, [concat('visitor:', visitor_id), concat('user:', user_id)]
    from touches final
    prewhere loaded_at >= since_when
    where {since:Int64} != 0 or user_id != ''
    union all
    select 'actions', id, [concat('visitor:', visitor_id), concat('user:', user_id)]
    from actions final
    prewhere loaded_at >= since_when
    where {since:Int64} != 0 or user_id != ''
    union all
    select
        'profiles', id,
        [concat('user:', user_id), concat('visitor:', visitor_id), concat('phone:', phone), concat('email:', email),
         concat('crm:', crm_id), concat('user:', previous_id), concat('visitor:', previous_id)]
    from profiles final
    where {since:Int64} = 0 or id in (select id from profiles where loaded_at >= since_when)
    union all
    select distinct 'sessions', session_id, [concat('visitor:', visitor_id), concat('session:', session_id)]
    from touches final
    where
        id in (
            select id
            from touches
            prewhere
                session_id in (select session_id from asked_sessions)
                and ({since:Int64} = 0 or session_id in (select session_id from changed_visits)))
        and session_id in (select session_id from asked_sessions)
)
select family, id, sipHash64(concat(family, ':', id)) as event, arrayFilter(key -> not match(key, '^[a-z]+:$'), keys) as keys
from named;
