-- What visitors and customers did, and what is said of them.

create table if not exists actions
(
    id String,
    occurred_at DateTime64(3, 'UTC'),
    name LowCardinality(String),
    visitor_id String,
    user_id String,
    session_id String,
    url String,
    dealer LowCardinality(String),
    product LowCardinality(String),
    amount Nullable(Decimal(18, 4)),
    currency LowCardinality(String),
    properties String,
    received_at DateTime64(6, 'UTC'),
    log_partition UInt16 default 65535,
    log_offset UInt64
)
engine = ReplacingMergeTree(received_at)
order by id
settings non_replicated_deduplication_window = 10000;

create table if not exists profiles
(
    id String,
    occurred_at DateTime64(3, 'UTC'),
    visitor_id String,
    user_id String,
    previous_id String,
    crm_id String,
    name String,
    phone String,
    email String,
    dealer LowCardinality(String),
    properties String,
    received_at DateTime64(6, 'UTC'),
    log_partition UInt16 default 65535,
    log_offset UInt64
)
engine = ReplacingMergeTree(received_at)
order by id
settings non_replicated_deduplication_window = 10000;
