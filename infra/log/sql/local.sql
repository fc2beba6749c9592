-- name: create_topics
-- One row per topic: the offset of its next record, and the events of all its records so far.
create table if not exists topics (
    id integer primary key,
    name text not null unique,
    next_offset integer not null default 0,
    total_events integer not null default 0
) strict;

-- name: create_records
-- `place` is topic * 2^40 + offset, so that a topic's records lie side by side in one tree without a second index.
-- `total_events` counts the topic's events up to and with this record: a backlog is then a subtraction.
create table if not exists records (
    place integer primary key,
    appended_at integer not null,
    events integer not null,
    total_events integer not null,
    value blob not null
) strict;

-- name: create_readings
-- How far a group has come with a topic, the run it was last working on, and the token of its present reader.
-- What lies before `again_until` had been handed out before the group was set back.
create table if not exists readings (
    reader_group text not null,
    topic integer not null references topics (id),
    position integer not null default 0,
    claim_first integer,
    claim_last integer,
    owner text not null default '',
    again_until integer not null default 0,
    primary key (reader_group, topic)
) strict, without rowid;

-- name: add_again_until
-- Files of version 1 know nothing of replays.
alter table readings add column again_until integer not null default 0;

-- name: add_topic
-- A topic exists from the first time that somebody writes to it or reads it.
insert into topics (name) values (:topic) on conflict do nothing;

-- name: reserve_offsets
-- Take the next offsets of a topic, and say where the topic stands behind them.
update topics
set next_offset = next_offset + :records, total_events = total_events + :events
where name = :topic
returning id, next_offset, total_events;

-- name: stamp_at
-- When the record of a place was appended.
select appended_at from records where place = :place;

-- name: used_bytes
-- The size of the file without pages that are free for new records.
select (page_count - freelist_count) * page_size
from pragma_page_count, pragma_freelist_count, pragma_page_size;

-- name: add_record
-- Store one record.
insert into records (place, appended_at, events, total_events, value) values (?, ?, ?, ?, ?);

-- name: add_reading
-- A group begins with a topic at its first record.
insert into readings (reader_group, topic)
select :group, id from topics where name = :topic
on conflict do nothing;

-- name: own_reading
-- Make the reader with this token the only one whose claims and commits count, and say what its predecessor left.
update readings
set owner = :owner
where reader_group = :group and topic = (select id from topics where name = :topic)
returning topic, position, claim_first, claim_last, again_until;

-- name: claim
-- Note the run that is about to be worked on; no row where another reader owns the topic by now.
update readings
set claim_first = :first, claim_last = :last
where reader_group = :group and topic = :topic and owner = :owner
returning topic;

-- name: commit
-- Go on behind the run; no row where another reader owns the topic by now.
update readings
set position = :last + 1, claim_first = null, claim_last = null
where reader_group = :group and topic = :topic and owner = :owner
returning topic;

-- name: reading
-- Where this reader stands with a topic; no row where another reader owns the topic by now.
select topic, position, claim_first, claim_last
from readings
where reader_group = :group and topic = :topic and owner = :owner;

-- name: records
-- The records of a topic in a range of places, in order.
select place, appended_at, events, value
from records
where place between :first and :last
order by place;

-- name: backlog
-- Records and events of a topic, from the first one on that is kept and that a group has not committed.
with stand as (
    select
        topics.next_offset,
        topics.total_events,
        topics.id * 1099511627776 as start,
        coalesce(readings.position, 0) as position
    from topics
    left join readings on readings.topic = topics.id and readings.reader_group = :group
    where topics.name = :topic
)
select
    stand.start + stand.next_offset - first.place,
    stand.total_events - first.total_events + first.events
from stand
join records as first on first.place = (
    select min(kept.place)
    from records as kept
    where kept.place between stand.start + stand.position and stand.start + 1099511627775
);

-- name: topic
-- A topic's number and the offset of its next record.
select id, next_offset from topics where name = :topic;

-- name: first_from
-- The first record that is kept in a range of places.
select place, appended_at from records where place between :first and :last order by place limit 1;

-- name: position
-- How far a group has come with a topic.
select position from readings where reader_group = :group and topic = :topic;

-- name: set_back
-- Let a group read again from an earlier position; whoever reads the topic for it loses it.
update readings
set
    position = :position,
    claim_first = null,
    claim_last = null,
    owner = '',
    again_until = max(again_until, position, coalesce(claim_last + 1, 0))
where reader_group = :group and topic = :topic and position > :position;

-- name: committed_by_all
-- The offset up to which every group that reads a topic has committed it; null where nobody reads it.
select min(position) from readings where topic = :topic;

-- name: oldest
-- The oldest records of a topic below a place, and their sizes.
select place, appended_at, length(value) from records where place between :first and :last order by place limit :most;

-- name: remove
-- Remove the records of a range of places.
delete from records where place between :first and :last;

-- name: read_mark
-- Whose file is this? 0 where nobody has marked it.
pragma application_id;

-- name: set_mark
-- Mark the file as a log of ours ("CLLG").
pragma application_id = 1129073735;

-- name: read_version
-- The version of the tables.
pragma user_version;

-- name: set_version
-- The version of the tables that this program makes.
pragma user_version = 2;

-- name: count_tables
-- Has the file any content at all?
select count(*) from sqlite_schema;

-- name: set_page_size
-- Pages for records of some tens of kilobytes.
pragma page_size = 16384;

-- name: use_wal
-- Readers and the writer do not wait for each other.
pragma journal_mode = wal;

-- name: sync_each_commit
-- A commit returns only when the disk has it.
pragma synchronous = full;

-- name: limit_cache
-- 16 MiB of pages per connection.
pragma cache_size = -16384;

-- name: wait_not
-- A writer that meets another one waits by itself.
pragma busy_timeout = 0
