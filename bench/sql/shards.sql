-- name: shared_keys
-- Which keys do too many share, so that they tie nobody on any shard?
select key from shared_keys_of_run(run = {run:UInt32});

-- name: share_keys
-- They are shared from the next run on.
insert into shared_keys (base, run, key, shared)
select {next:UInt32}, {next:UInt32}, arrayJoin({keys:Array(UInt64)}), true;

-- name: choose
-- Which events of a family are of this shard's persons?
create table events_of_shard engine = MergeTree order by id as
select e.id as id
from (select id, sipHash64(concat({prefix:String}, {named:Identifier})) as own from {family:Identifier}) as e
left join (select key, person from persons_of_run(run = {run:UInt32})) as p on e.own = p.key
where if(p.person = 0, e.own, p.person) % {shards:UInt8} = {shard:UInt8};

-- name: leave
-- Only they stay.
alter table {family:Identifier} delete where id not in (select id from events_of_shard) settings mutations_sync = 2;

-- name: forget
-- The next family has events of its own.
drop table events_of_shard;

-- name: leave_none
-- Costs are not of persons.
truncate table {family:Identifier};

-- name: sums
-- What do all derived rows of persons come to, so that the sums of shards can be added?
select
    (select sum(cityHash64(key, person)) from persons_of_run(run = {run:UInt32})) as persons,
    (
        select sum(cityHash64(person, at, id, origin, direct, dealer, session, is_visit))
        from touches_of_run(run = {run:UInt32})
    ) as touches,
    (
        select sum(cityHash64(tuple(* except (base, run)))) from conversions_of_run(run = {run:UInt32})
    ) as conversions,
    (
        select sum(cityHash64(tuple(* except (base, run)))) from credits_of_run(run = {run:UInt32})
    ) as credits,
    (
        select sum(toUInt64(sessions) * cityHash64(date, origin, dealer, brand)) from sessions_of_run(run = {run:UInt32})
    ) as sessions,
    (select count() from credits_of_run(run = {run:UInt32})) as rows
