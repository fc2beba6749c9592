-- Landing tables: one per event family, one row per event id; a later version of an event replaces the earlier.
-- log_partition and log_offset name the record of the event log whose first event the row is; 65535 marks the others.

create table if not exists touches
(
    id String,
    occurred_at DateTime64(3, 'UTC'),
    visitor_id String,
    session_id String,
    user_id String,
    url String,
    referrer String,
    source LowCardinality(String),
    medium LowCardinality(String),
    campaign LowCardinality(String),
    content String,
    term String,
    click_ids Map(LowCardinality(String), String),
    dealer LowCardinality(String),
    contractor LowCardinality(String),
    device LowCardinality(String),
    region LowCardinality(String),
    properties String,
    received_at DateTime64(6, 'UTC'),
    log_partition UInt16 default 65535,
    log_offset UInt64
)
engine = ReplacingMergeTree(received_at)
order by id
settings non_replicated_deduplication_window = 10000;

create table if not exists calls
(
    id String,
    started_at DateTime64(3, 'UTC'),
    caller String,
    called String,
    status LowCardinality(String),
    duration_s Nullable(UInt32),
    talk_s Nullable(UInt32),
    waiting_s Nullable(UInt32),
    visitor_id String,
    session_id String,
    source LowCardinality(String),
    medium LowCardinality(String),
    campaign LowCardinality(String),
    content String,
    term String,
    dealer LowCardinality(String),
    operator LowCardinality(String),
    recording_url String,
    tags Array(String),
    properties String,
    received_at DateTime64(6, 'UTC'),
    log_partition UInt16 default 65535,
    log_offset UInt64
)
engine = ReplacingMergeTree(received_at)
order by id
settings non_replicated_deduplication_window = 10000;

create table if not exists leads
(
    id String,
    created_at DateTime64(3, 'UTC'),
    kind LowCardinality(String),
    name String,
    phone String,
    email String,
    visitor_id String,
    user_id String,
    session_id String,
    dealer LowCardinality(String),
    product LowCardinality(String),
    source LowCardinality(String),
    medium LowCardinality(String),
    campaign LowCardinality(String),
    content String,
    term String,
    status LowCardinality(String),
    manager LowCardinality(String),
    first_response_at Nullable(DateTime64(3, 'UTC')),
    properties String,
    received_at DateTime64(6, 'UTC'),
    log_partition UInt16 default 65535,
    log_offset UInt64
)
engine = ReplacingMergeTree(received_at)
order by id
settings non_replicated_deduplication_window = 10000;

create table if not exists deals
(
    id String,
    deal_id String,
    occurred_at DateTime64(3, 'UTC'),
    stage LowCardinality(String),
    kind LowCardinality(String),
    lead_id String,
    contact Tuple(crm_id String, phone String, email String),
    visitor_id String,
    dealer LowCardinality(String),
    manager LowCardinality(String),
    product LowCardinality(String),
    amount Nullable(Decimal(18, 4)),
    margin Nullable(Decimal(18, 4)),
    currency LowCardinality(String),
    lost_reason LowCardinality(String),
    properties String,
    received_at DateTime64(6, 'UTC'),
    log_partition UInt16 default 65535,
    log_offset UInt64
)
engine = ReplacingMergeTree(received_at)
order by id
settings non_replicated_deduplication_window = 10000;

create table if not exists spend
(
    id String,
    `from` Date,
    `to` Date,
    cost Decimal(18, 4),
    currency LowCardinality(String),
    source LowCardinality(String),
    medium LowCardinality(String),
    campaign LowCardinality(String),
    content String,
    dealer LowCardinality(String),
    contractor LowCardinality(String),
    impressions UInt64,
    clicks UInt64,
    vat_included Bool,
    properties String,
    received_at DateTime64(6, 'UTC'),
    log_partition UInt16 default 65535,
    log_offset UInt64
)
engine = ReplacingMergeTree(received_at)
order by id
settings non_replicated_deduplication_window = 10000;

create table if not exists messages
(
    id String,
    occurred_at DateTime64(3, 'UTC'),
    message_id String,
    event LowCardinality(String),
    person_id String,
    campaign LowCardinality(String),
    variant LowCardinality(String),
    channel LowCardinality(String),
    cost Decimal(18, 4),
    url String,
    properties String,
    received_at DateTime64(6, 'UTC'),
    log_partition UInt16 default 65535,
    log_offset UInt64
)
engine = ReplacingMergeTree(received_at)
order by id
settings non_replicated_deduplication_window = 10000;
