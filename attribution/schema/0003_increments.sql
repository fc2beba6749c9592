-- Runs that go on from the one before. A full run derives everything anew and is the base of those that follow; each of
-- them writes only the persons whom new events concern, and names them in `replaced_persons`: what earlier runs of the
-- base wrote of a replaced person is dead. So a reader of run N sees the rows up to N that no run up to N replaced.

drop view if exists touch_candidates;
drop view if exists tracked_calls;
drop table if exists ties;
drop table if exists person_keys;
drop table if exists origins;
drop table if exists person_touches;
drop table if exists conversions;
drop table if exists credits;
drop table if exists daily_sessions;
drop table if exists attribution_runs;

create table if not exists run_bases
(
    run UInt32,
    base UInt32
)
engine = MergeTree
order by run;

create table if not exists attribution_runs
(
    run UInt32,
    base UInt32,
    started_at DateTime64(3, 'UTC'),
    finished_at DateTime64(3, 'UTC'),
    looked_at DateTime64(3, 'UTC'),
    rule_version UInt32,
    seen Map(String, String)
)
engine = MergeTree
order by run;

-- What has come since the run before: an event by the hash of its family and id.
create table if not exists changed_events
(
    run UInt32,
    family LowCardinality(String),
    id String,
    event UInt64
)
engine = MergeTree
partition by run
order by event;

-- The keys that changed events name or named.
create table if not exists changed_keys
(
    run UInt32,
    key UInt64
)
engine = MergeTree
partition by run
order by key;

create table if not exists changed_sessions
(
    run UInt32,
    session UInt64
)
engine = MergeTree
partition by run
order by session;

-- The keys of all persons whom a change concerns, each with the person it belonged to before.
create table if not exists concerned_keys
(
    run UInt32,
    key UInt64,
    person UInt64
)
engine = MergeTree
partition by run
order by key;

-- Touches before it is known which of them count.
create table if not exists placed_touches
(
    run UInt32,
    person UInt64,
    key UInt64,
    at DateTime64(3, 'UTC'),
    id String,
    touch UInt64,
    version DateTime64(6, 'UTC'),
    origin UInt64,
    direct Bool,
    dealer LowCardinality(String),
    session UInt64,
    is_visit Bool,
    says_nothing Bool,
    counted Bool
)
engine = MergeTree
partition by run
order by tuple();

create table if not exists replaced_events
(
    base UInt32,
    run UInt32,
    event UInt64
)
engine = MergeTree
partition by base
order by event;

create table if not exists replaced_persons
(
    base UInt32,
    run UInt32,
    person UInt64
)
engine = MergeTree
partition by base
order by person;

-- Keys such as `phone:+79000000001`, by their hashes, that one event names together; of the visits of a session, one row a
-- visitor.
create table if not exists event_keys
(
    base UInt32,
    run UInt32,
    event UInt64,
    keys Array(UInt64),
    kinds Array(Enum8(
        'lead' = 1, 'call' = 2, 'deal' = 3, 'session' = 4, 'phone' = 5, 'email' = 6, 'visitor' = 7, 'user' = 8, 'crm' = 9))
)
engine = MergeTree
partition by base
order by event
settings index_granularity = 1024;

-- Keys of which it changed whether too many share them.
create table if not exists shared_keys
(
    base UInt32,
    run UInt32,
    key UInt64,
    shared Bool
)
engine = MergeTree
partition by base
order by key;

create table if not exists person_keys
(
    base UInt32,
    run UInt32,
    key UInt64,
    person UInt64
)
engine = MergeTree
partition by base
order by person
settings index_granularity = 1024;

create table if not exists origins
(
    base UInt32,
    origin UInt64,
    channel LowCardinality(String),
    source LowCardinality(String),
    medium LowCardinality(String),
    campaign LowCardinality(String),
    content String,
    term String,
    contractor LowCardinality(String),
    device LowCardinality(String),
    region LowCardinality(String)
)
engine = MergeTree
partition by base
order by origin;

create table if not exists person_touches
(
    base UInt32,
    run UInt32,
    person UInt64,
    key UInt64,
    at DateTime64(3, 'UTC'),
    id String,
    touch UInt64,
    version DateTime64(6, 'UTC'),
    origin UInt64,
    direct Bool,
    dealer LowCardinality(String),
    session UInt64,
    is_visit Bool,
    says_nothing Bool,
    counts Bool
)
engine = MergeTree
partition by base
order by (person, at, id)
settings index_granularity = 1024;

create table if not exists conversions
(
    base UInt32,
    run UInt32,
    kind LowCardinality(String),
    id String,
    person UInt64,
    at DateTime64(3, 'UTC'),
    window_from DateTime64(3, 'UTC'),
    window_to DateTime64(3, 'UTC'),
    dealer LowCardinality(String),
    brand LowCardinality(String),
    manager LowCardinality(String),
    product LowCardinality(String),
    deal_kind LowCardinality(String),
    repeat LowCardinality(String),
    revenue Decimal(18, 4),
    margin Decimal(18, 4)
)
engine = MergeTree
partition by base
order by (person, at);

create table if not exists credits
(
    base UInt32,
    run UInt32,
    person UInt64,
    kind LowCardinality(String),
    conversion String,
    origin UInt64,
    date Date,
    touch_date Date,
    dealer LowCardinality(String),
    brand LowCardinality(String),
    manager LowCardinality(String),
    product LowCardinality(String),
    deal_kind LowCardinality(String),
    repeat LowCardinality(String),
    revenue Decimal(18, 4),
    margin Decimal(18, 4),
    place UInt32,
    first_before UInt32,
    first UInt32,
    last_before UInt32,
    last UInt32,
    last_non_direct_before UInt32,
    last_non_direct UInt32,
    linear_before UInt32,
    linear UInt32,
    position_before UInt32,
    position UInt32,
    time_decay_before UInt32,
    time_decay UInt32,
    custom_before UInt32,
    custom UInt32,
    shapley_before UInt32,
    shapley UInt32
)
engine = MergeTree
partition by base
order by (kind, date);

-- Sums of a day: a run adds to them, and takes from them, the sessions that changed.
create table if not exists daily_sessions
(
    base UInt32,
    run UInt32,
    date Date,
    origin UInt64,
    dealer LowCardinality(String),
    brand LowCardinality(String),
    sessions Int64
)
engine = MergeTree
partition by base
order by date;

-- Calls, each with what the tracking number that was called says of it on that day in the account's time zone. Where two
-- bindings of a number overlap, the one that began last holds. A call that brings a source of its own keeps it.
-- `since`, in ms since 1970, leaves those out that have not changed since then.
create view if not exists tracked_calls as
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
where source != '' or medium != '' or campaign != '';

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
        [concat('call:', id), concat('phone:', caller), concat('visitor:', visitor_id),
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
