-- Calls that employees make call somebody back: they are neither leads nor touches, but tie whom they dialled.

drop view if exists heard_calls;

-- Calls, each with what the tracking number of its line says of it on that day in the account's time zone: the number that
-- was called, or from which an employee dialled. Where two bindings of a number overlap, the one that began last holds. A
-- call that brings a source of its own keeps it.
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
    from (select id, if(direction = 'out', caller, called) as line, toDate(started_at, {timezone:String}) as day from wanted) as c
    inner join bindings as b on c.line = b.number
    where c.day between b.first_day and b.until
    group by c.id
)
select
    c.id as id, c.direction = 'out' as is_outgoing, c.started_at as at, c.session_id as session_id, c.operator as operator,
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

-- Incoming calls that are no excluded noise.
create view if not exists tracked_calls as
select * except (is_outgoing)
from heard_calls(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64})
where not is_outgoing and id not in (select id from noise_of_run(run = {run:UInt32}) where family = 'calls' and excluded);

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

drop view if exists daily_facts;

-- What happened on each day in the account's time zone, by where it came from: money in whole units, media without fees.
-- Leads are those that reports count; `asked` are all that asked by form or otherwise, of which `junk`; `calls` all
-- incoming calls, of which `missed`. What asked came from its person's last touch before, of the last ninety days.
create view if not exists daily_facts as
with
noisy as (
    select family, id from noise_of_run(run = {run:UInt32}) where excluded
),
came as (
    select
        id, sipHash64(concat('lead:', id)) as key, created_at as at, dealer, 1 as asked, status = 'junk' as junk, 0 as calls,
        0 as missed
    from leads final
    where
        status != 'duplicate' and toDate(created_at, {timezone:String}) between {from:Date} and {to:Date}
        and id not in (select id from noisy where family = 'leads')
    union all
    select id, sipHash64(concat('call:', id)), started_at, dealer, 0, 0, 1, status in ('missed', 'busy')
    from calls final
    where
        direction != 'out'
        and toDate(started_at, {timezone:String}) between {from:Date} and {to:Date}
        and id not in (select id from noisy where family = 'calls')
),
came_of_persons as (
    select came.*, if(known.key = 0, came.key, known.person) as person
    from came
    left any join persons_of_run(run = {run:UInt32}) as known on came.key = known.key
),
brought as (
    select person, at, origin, id, dealer
    from touches_of_run(run = {run:UInt32})
    where not direct and person in (select person from came_of_persons)
),
placed as (
    select
        c.at as at, c.asked as asked, c.junk as junk, c.calls as calls, c.missed as missed,
        if(c.dealer = '' and b.id = c.id, b.dealer, c.dealer) as dealer,
        if(b.at >= c.at - toIntervalDay(90), b.origin, 0) as origin
    from came_of_persons as c
    asof left join brought as b on c.person = b.person and c.at >= b.at
),
facts as (
    select
        date, origin, dealer, toFloat64(cost) as cost, if(part = 'media', toFloat64(cost), 0) as media, 0 as sessions,
        toFloat64(0) as leads, 0 as asked, 0 as junk, 0 as calls, 0 as missed
    from costs_of_run(run = {run:UInt32})
    where date between {from:Date} and {to:Date}
    union all
    select date, origin, dealer, 0, 0, sessions, 0, 0, 0, 0, 0
    from sessions_of_run(run = {run:UInt32})
    where date between {from:Date} and {to:Date}
    union all
    select
        date, origin, dealer, 0, 0, 0,
        (toInt64(last_non_direct) - toInt64(last_non_direct_before)) / 1e9, 0, 0, 0, 0
    from credits_of_run(run = {run:UInt32})
    where kind = 'lead' and date between {from:Date} and {to:Date}
    union all
    select toDate(at, {timezone:String}), origin, dealer, 0, 0, 0, 0, asked, junk, calls, missed
    from placed
)
select
    f.date as date, if(o.channel = '', '(no touch)', o.channel) as channel, o.campaign as campaign, f.dealer as dealer,
    o.contractor as contractor, sum(f.cost) as cost, sum(f.media) as media, sum(f.sessions) as sessions,
    sum(f.leads) as leads, sum(f.asked) as asked, sum(f.junk) as junk, sum(f.calls) as calls, sum(f.missed) as missed
from facts as f
left join origins_of_run(run = {run:UInt32}) as o on f.origin = o.origin
group by date, channel, campaign, dealer, contractor;
