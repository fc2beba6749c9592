-- What several statements of a run that goes on ask of events is looked up once.

-- What may be a touch and has come since the run before, in the columns of `touch_candidates`.
create table if not exists fresh_candidates
(
    run UInt32,
    family LowCardinality(String),
    id String,
    at DateTime64(3, 'UTC'),
    key String,
    session_id String,
    source LowCardinality(String),
    medium LowCardinality(String),
    campaign LowCardinality(String),
    content String,
    term String,
    contractor LowCardinality(String),
    device LowCardinality(String),
    region LowCardinality(String),
    dealer LowCardinality(String),
    clicks String,
    referrer_host String,
    version DateTime64(6, 'UTC')
)
engine = MergeTree
partition by run
order by id;

-- Touches of groups that are judged anew, in their newest versions: see `marked_touches`.
create table if not exists near_touches
(
    run UInt32,
    id String,
    occurred_at DateTime64(3, 'UTC'),
    ms Int64,
    of_visitor UInt64,
    is_click Bool,
    of_click UInt64,
    of_click_ids Array(UInt64),
    of_address UInt64
)
engine = MergeTree
partition by run
order by id;

-- Sessions that stand for their visitors, as a lead or call names no other; of a run that goes on, those that changed.
create table if not exists asked_sessions
(
    run UInt32,
    session_id String
)
engine = MergeTree
partition by run
order by session_id;

-- Leads, calls and deals of which a run that goes on derives conversions anew, and the leads of such deals. Of deals all
-- events, and in `about` the deal.
create table if not exists concerned_events
(
    run UInt32,
    family LowCardinality(String),
    id String,
    about String
)
engine = MergeTree
partition by run
order by (family, id);

drop view if exists named_keys;

-- The keys that each event names, its own first. A session stands for its visitor where a lead or call names no other.
create view if not exists named_keys as
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
from named;

drop view if exists heard_calls;

-- Calls, each with what the tracking number of its line says of it on that day in the account's time zone: the number that
-- was called, or from which an employee dialled. Where two bindings of a number overlap, the one that began last holds. A
-- call that brings a source of its own keeps it.
-- With `since` those alone are there whom the run's changes concern.
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
        or id in (select id from concerned_events where run = {run:UInt32} and family = 'calls')
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

drop view if exists touch_candidates;
drop view if exists coded_touches;
drop view if exists bound_codes;

-- What a lead or deal named that is bound to a dealer or a source, a row for each: its promo code, and the address that it
-- was written to. `own` is what it says itself of its source, `says` what the binding says: dealer, source, medium,
-- campaign, contractor.
create table if not exists named_codes
(
    run UInt32,
    way LowCardinality(String),
    kind LowCardinality(String),
    about String,
    at DateTime64(3, 'UTC'),
    dealer LowCardinality(String),
    own Tuple(String, String, String),
    is_touch Bool,
    version DateTime64(6, 'UTC'),
    says Tuple(String, String, String, String, String)
)
engine = MergeTree
partition by run
order by about;

-- The touches that promo codes and tracked addresses are, in the columns of `touch_candidates`: of their own, beside the
-- visit that brought the lead, unless the lead itself says the same.
create view if not exists coded_touches as
select
    'codes' as family, concat(way, ':', kind, ':', about) as id, at, concat(kind, ':', about) as key, '' as session_id,
    says.2 as source, says.3 as medium, says.4 as campaign, '' as content, '' as term, says.5 as contractor, '' as device,
    '' as region, if(dealer != '', dealer, says.1) as dealer, '' as clicks, '' as referrer_host, version
from named_codes
where run = {run:UInt32} and is_touch and concat(says.2, says.3, says.4) != '' and own != (says.2, says.3, says.4);

-- What may be a touch and has no person yet: visits, leads and calls that bring a source of their own, and what codes and
-- addresses say of leads and deals. `since`, in ms since 1970, leaves those out that have not changed since then. A
-- referrer of the same site says nothing.
create view if not exists touch_candidates as
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
from coded_touches(run = {run:UInt32});
