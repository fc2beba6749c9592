-- name: is_loaded
-- Is any marked row of these offsets in the landing table? An insert is one block, so one row stands for all.
select count() > 0
from {table:Identifier}
where log_partition = {partition:UInt16} and log_offset between {first:UInt64} and {last:UInt64};

-- name: create_probe
-- A table of the same columns that keeps nothing, to try lines on.
create table if not exists {probe:Identifier} engine = Null as
select * from {table:Identifier} where false;

-- name: drop_probe
-- Take the table for trying away.
drop table if exists {probe:Identifier}
