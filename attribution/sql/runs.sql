-- name: next_run
-- Which number does the next run get?
select max(run) + 1
from
(
    select run from attribution_runs
    union all
    select toUInt32(partition) from system.parts where database = currentDatabase() and table = 'channel_rules'
);

-- name: newest_run
-- Which run do reports read, and what had it seen?
select run, started_at, finished_at, rule_version, seen
from attribution_runs
order by run desc
limit 1;

-- name: old_partitions
-- Which partitions belong to runs that nobody reads any more?
select distinct table, partition_id
from system.parts
where
    active and database = currentDatabase() and partition != 'tuple()'
    and table in {tables:Array(String)} and partition != {run:String};

-- name: drop_partition
-- Take away what an old run derived.
alter table {table:Identifier} drop partition id {partition:String};

-- name: count_loaded
-- How many events of each family are in the warehouse, and when did the last one come?
select 'touches' as family, uniqExact(id) as events, concat(toString(count()), '/', toString(max(received_at))) as mark from touches
union all
select 'calls', uniqExact(id), concat(toString(count()), '/', toString(max(received_at))) from calls
union all
select 'leads', uniqExact(id), concat(toString(count()), '/', toString(max(received_at))) from leads
union all
select 'deals', uniqExact(id), concat(toString(count()), '/', toString(max(received_at))) from deals
union all
select 'spend', uniqExact(id), concat(toString(count()), '/', toString(max(received_at))) from spend
union all
select 'messages', uniqExact(id), concat(toString(count()), '/', toString(max(received_at))) from messages
