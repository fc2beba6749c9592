-- Steps of runs that more than one statement reads are written once; what a run looks up, it finds by the order of a table,
-- in blocks so small that a row costs no thousands of its neighbours.

drop table if exists event_keys;
drop table if exists person_keys;
drop table if exists person_touches;
drop table if exists attribution_runs;

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
settings index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 8192;

-- Which events name a key, the other way round. A row may outlive what it says.
create table if not exists key_events
(
    base UInt32,
    run UInt32,
    key UInt64,
    event UInt64
)
engine = MergeTree
partition by base
order by key
settings index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 8192;

-- Keys of which so many events are that too many may share them.
create table if not exists often_named
(
    run UInt32,
    key UInt64
)
engine = MergeTree
partition by run
order by key;

create table if not exists person_keys
(
    base UInt32,
    run UInt32,
    key UInt64,
    person UInt64,
    projection by_key (select base, run, key, person order by key)
)
engine = MergeTree
partition by base
order by person
settings index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 8192,
    lightweight_mutation_projection_mode = 'rebuild';

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
primary key (person, at)
order by (person, at, id)
settings index_granularity = 256, min_compress_block_size = 4096, max_compress_block_size = 8192;

-- Combinations of source fields that the run before did not know.
create table if not exists named_origins
(
    run UInt32,
    origin UInt64,
    source LowCardinality(String),
    medium LowCardinality(String),
    campaign LowCardinality(String),
    content String,
    term String,
    contractor LowCardinality(String),
    device LowCardinality(String),
    region LowCardinality(String),
    clicks LowCardinality(String),
    referrer_host LowCardinality(String)
)
engine = MergeTree
partition by run
order by origin;

-- What the events of a deal come to. A time is 1970-01-01 where the deal has not got so far, or is lost again.
create table if not exists deal_states
(
    run UInt32,
    deal_id String,
    lead_id String,
    deal_kind LowCardinality(String),
    dealer LowCardinality(String),
    manager LowCardinality(String),
    product LowCardinality(String),
    amount Decimal(18, 4),
    amount_currency LowCardinality(String),
    margin Decimal(18, 4),
    margin_currency LowCardinality(String),
    lead_at DateTime64(3, 'UTC'),
    qualified_at DateTime64(3, 'UTC'),
    visit_at DateTime64(3, 'UTC'),
    lost_at DateTime64(3, 'UTC'),
    sale_at DateTime64(3, 'UTC'),
    has_lead Bool,
    has_qualified Bool,
    has_visit Bool,
    has_sale Bool,
    is_service Bool
)
engine = MergeTree
partition by run
order by deal_id;

-- The persons, by the names that they had before, whom a change concerns.
create table if not exists concerned_persons
(
    run UInt32,
    person UInt64
)
engine = MergeTree
partition by run
order by person;

create table if not exists changed_fee_months
(
    run UInt32,
    month Date
)
engine = MergeTree
partition by run
order by month;
