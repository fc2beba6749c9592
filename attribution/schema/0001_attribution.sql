-- What attribution is told (copied from the operational database before each run) and what it derives.
-- Derived rows belong to a run; reports read the newest finished run, so that they change in one step.

create table if not exists dealers
(
    run UInt32,
    dealer String,
    name String,
    brand LowCardinality(String),
    city LowCardinality(String),
    weight Float64
)
engine = MergeTree
partition by run
order by dealer;

create table if not exists contractor_campaigns
(
    run UInt32,
    contractor LowCardinality(String),
    source String,
    medium String,
    campaign String
)
engine = MergeTree
partition by run
order by contractor;

create table if not exists contractor_fees
(
    run UInt32,
    contractor LowCardinality(String),
    since Date,
    until Date,
    percent Float64,
    fixed_month Decimal(18, 4),
    per_lead Decimal(18, 4)
)
engine = MergeTree
partition by run
order by contractor;

create table if not exists tracking_numbers
(
    run UInt32,
    number String,
    dealer LowCardinality(String),
    source LowCardinality(String),
    medium LowCardinality(String),
    campaign LowCardinality(String),
    contractor LowCardinality(String),
    since Date,
    until Date
)
engine = MergeTree
partition by run
order by number;

create table if not exists channel_rules
(
    run UInt32,
    position UInt16,
    channel LowCardinality(String),
    source String,
    medium String,
    campaign String,
    click_id String,
    referrer String
)
engine = MergeTree
partition by run
order by position;

create table if not exists untied_keys
(
    run UInt32,
    one String,
    other String
)
engine = MergeTree
partition by run
order by (one, other);

-- Keys such as `phone:+79000000001` that one event named together.
create table if not exists ties
(
    run UInt32,
    one String,
    other String
)
engine = MergeTree
partition by run
order by (one, other);

create table if not exists tie_edges
(
    run UInt32,
    round UInt8,
    one UInt64,
    other UInt64
)
engine = MergeTree
partition by run
order by (round, one);

create table if not exists tie_roots
(
    run UInt32,
    round UInt8,
    key UInt64,
    root UInt64
)
engine = MergeTree
partition by run
order by (round, key);

create table if not exists key_roots
(
    run UInt32,
    round UInt8,
    key UInt64,
    root UInt64
)
engine = MergeTree
partition by run
order by (round, key);

create table if not exists person_keys
(
    run UInt32,
    key UInt64,
    person UInt64
)
engine = MergeTree
partition by run
order by key;

create table if not exists origins
(
    run UInt32,
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
partition by run
order by origin;

create table if not exists person_touches
(
    run UInt32,
    person UInt64,
    at DateTime64(3, 'UTC'),
    id String,
    origin UInt64,
    direct Bool,
    dealer LowCardinality(String),
    session UInt64
)
engine = MergeTree
partition by run
order by (person, at, id);

create table if not exists conversions
(
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
partition by run
order by (person, at);

create table if not exists credits
(
    run UInt32,
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
    custom UInt32
)
engine = MergeTree
partition by run
order by (kind, date);

create table if not exists daily_sessions
(
    run UInt32,
    date Date,
    origin UInt64,
    dealer LowCardinality(String),
    brand LowCardinality(String),
    sessions UInt64
)
engine = MergeTree
partition by run
order by date;

create table if not exists daily_costs
(
    run UInt32,
    date Date,
    origin UInt64,
    dealer LowCardinality(String),
    brand LowCardinality(String),
    part LowCardinality(String),
    cost Decimal(18, 4),
    impressions UInt64,
    clicks UInt64
)
engine = MergeTree
partition by run
order by date;

create table if not exists attribution_runs
(
    run UInt32,
    started_at DateTime64(3, 'UTC'),
    finished_at DateTime64(3, 'UTC'),
    rule_version UInt32,
    seen Map(String, String)
)
engine = MergeTree
order by run;

-- Calls, each with what the tracking number that was called says of it on that day in the account's time zone. Where two
-- bindings of a number overlap, the one that began last holds. A call that brings a source of its own keeps it.
create view if not exists tracked_calls as
with
bindings as (
    select number, since, until, (dealer, source, medium, campaign, contractor) as says
    from tracking_numbers
    where run = {run:UInt32}
),
bound as (
    select c.id as call, argMax(b.says, (b.since, b.until, b.says)) as says
    from (select id, called, toDate(started_at, {timezone:String}) as day from calls final) as c
    inner join bindings as b on c.called = b.number
    where c.day between b.since and b.until
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
    c.content as content, c.term as term
from (select * from calls final) as c
left join bound as b on c.id = b.call;

-- Every touch of a run before it has a person: visits, and leads and calls that bring a source of their own
-- unless a visit of the same session is there already.
create view if not exists touch_candidates as
with
visits as (
    select
        id, occurred_at as at, concat('visitor:', visitor_id) as key, session_id, source, medium, campaign, content, term,
        contractor, device, region, dealer,
        arrayStringConcat(arraySort(mapKeys(click_ids)), ',') as clicks, domainWithoutWWW(referrer) as referrer_host,
        true as is_visit
    from touches final
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
where session_id = '' or session_id not in (select session_id from touches where session_id != '');
