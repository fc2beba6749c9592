-- The keys that each event names, its own first. A session stands for its visitor where a lead or call names no other.
with
fromUnixTimestamp64Milli({since:Int64}, 'UTC') as since_when,
(select count() from asked_sessions where run = {run:UInt32}) as are_asked,
asked as (select session_id from asked_sessions where run = {run:UInt32}),
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
        are_asked > 0
        and id in (select id from touches prewhere session_id in asked where are_asked > 0)
        and session_id in asked
)
select family, id, sipHash64(concat(family, ':', id)) as event, arrayFilter(key -> not match(key, '^[a-z]+:$'), keys) as keys
from named
