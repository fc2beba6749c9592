-- A touch is placed anew where it, its session or the person of its key has changed, not with all that its person did.

create table if not exists replaced_touches
(
    base UInt32,
    run UInt32,
    touch UInt64
)
engine = MergeTree
partition by base
order by touch;

-- Events that have come since the run before, with their newest versions.
create table if not exists told_events
(
    run UInt32,
    family LowCardinality(String),
    id String,
    event UInt64,
    version DateTime64(6, 'UTC')
)
engine = MergeTree
partition by run
order by event;

-- Changed sessions that no event of them told of.
create table if not exists more_sessions
(
    run UInt32,
    session UInt64
)
engine = MergeTree
partition by run
order by session;

-- Touches of the run before that a change or a changed session concerns, as they were placed.
create table if not exists seen_touches
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
    counts Bool
)
engine = MergeTree
partition by run
order by touch;

-- Keys that belong to another person from this run on, and whose they were.
create table if not exists moved_keys
(
    run UInt32,
    key UInt64,
    person UInt64
)
engine = MergeTree
partition by run
order by key;

drop view if exists placed_of_run;

create view if not exists placed_of_run as
select t.*
from (select * from person_touches where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}) as t
left join
(
    select touch, max(run) as replaced_by
    from replaced_touches
    where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
    group by touch
) as r on t.touch = r.touch
where t.run >= r.replaced_by;
