-- name: next_run
-- Which number does the next run get?
select max(run) + 1
from
(
    select run from run_bases
    union all
    select toUInt32(partition) from system.parts where database = currentDatabase() and table = 'channel_rules'
);

-- name: newest_run
-- Which run do reports read, and what had it seen?
select run, base, started_at, finished_at, toUnixTimestamp64Milli(looked_at) as looked_at_ms, rule_version, seen
from attribution_runs
order by run desc
limit 1;

-- name: runs_read
-- Which runs may reports be reading: the newest, and the one before for those that began earlier?
select toString(run) as run
from attribution_runs
order by attribution_runs.run desc
limit 2;

-- name: is_kept
-- May reports still read this run?
select {run:UInt32} in (select run from attribution_runs order by attribution_runs.run desc limit 2) as kept;

-- name: bases_read
-- On which full runs do those stand that reports may be reading?
select distinct toString(base) as base
from run_bases
where run in (select run from attribution_runs order by run desc limit 2);

-- name: unfinished_runs
-- Which runs that went on from this base died half-way?
select run from run_bases
where base = {base:UInt32} and run not in (select run from attribution_runs) and run != {base:UInt32};

-- name: forget_unfinished
-- Take away what a run wrote that died half-way.
delete from {table:Identifier} where base = {base:UInt32} and run = {run:UInt32};

-- name: forget_base
-- And that it ever began.
delete from run_bases where run = {run:UInt32};

-- name: old_partitions
-- Which partitions of these tables belong to none of the runs that are kept?
select distinct table, partition_id
from system.parts
where
    active and database = currentDatabase() and partition != 'tuple()'
    and table in {tables:Array(String)} and partition not in {kept:Array(String)};

-- name: drop_partition
-- Take away what an old run derived.
alter table {table:Identifier} drop partition id {partition:String};

-- name: loaded_marks
-- Up to which place of the log, in each partition, is each family in the warehouse?
with
places as (
    select 'touches' as family, log_partition, max(log_offset) as upto
    from touches where log_partition != 65535 group by log_partition
    union all
    select 'calls', log_partition, max(log_offset) from calls where log_partition != 65535 group by log_partition
    union all
    select 'leads', log_partition, max(log_offset) from leads where log_partition != 65535 group by log_partition
    union all
    select 'deals', log_partition, max(log_offset) from deals where log_partition != 65535 group by log_partition
    union all
    select 'spend', log_partition, max(log_offset) from spend where log_partition != 65535 group by log_partition
    union all
    select 'messages', log_partition, max(log_offset) from messages where log_partition != 65535 group by log_partition
    union all
    select 'actions', log_partition, max(log_offset) from actions where log_partition != 65535 group by log_partition
    union all
    select 'profiles', log_partition, max(log_offset) from profiles where log_partition != 65535 group by log_partition
)
select family, toString(arraySort(groupArray((log_partition, upto)))) as mark from places group by family;

-- name: count_loaded
-- How many events of each family are in the warehouse, each counted once whatever versions of it came?
select 'touches' as family, count() as events from touches final
union all
select 'calls', count() from calls final
union all
select 'leads', count() from leads final
union all
select 'deals', count() from deals final
union all
select 'spend', count() from spend final
union all
select 'messages', count() from messages final
union all
select 'actions', count() from actions final
union all
select 'profiles', count() from profiles final
