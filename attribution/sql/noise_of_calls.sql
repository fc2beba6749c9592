-- name: call_flood
-- Which calls belong to a caller who called more often within the window than anybody who only redials?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'call_flood'),
counted as (
    select
        id, of_caller, ms,
        count() over (
            partition by of_caller order by ms range between {milliseconds:UInt64} preceding and current row
        ) as upto
    from marked_calls
    where ms >= {read_since:Int64} and ({since:Int64} = 0 or of_caller in asked)
),
bursts as (
    select
        id, of_caller, ms,
        max(upto) over (
            partition by of_caller order by ms range between current row and {milliseconds:UInt64} following
        ) as densest
    from counted
)
select {base:UInt32}, {run:UInt32}, 'calls', id, 'call_flood', of_caller, ms, {excluded:Bool}, true
from bursts
where densest > {most:UInt32} and ms >= {judge_since:Int64};

-- name: sequential_callers
-- Which calls come from a block of a hundred numbers of which more called within the window than can be by chance?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'sequential_callers'),
told as (
    select
        id, ms, block,
        uniqExact(number) over (
            partition by block order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as callers
    from (select id, ms, number, arrayJoin(of_blocks) as block from marked_calls where ms >= {read_since:Int64})
    where {since:Int64} = 0 or block in asked
),
nearby as (
    select
        *,
        max(callers) over (
            partition by block order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as most_callers
    from told
)
select
    {base:UInt32}, {run:UInt32}, 'calls', id, 'sequential_callers', block, ms, {excluded:Bool}, callers > {most:UInt32}
from nearby
where most_callers > {most:UInt32} and ms >= {judge_since:Int64};

-- name: ultra_short_call
-- Which answered calls ended before anybody could have spoken?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
select
    {base:UInt32}, {run:UInt32}, 'calls', id, 'ultra_short_call', sipHash64(concat('calls:', id)),
    toUnixTimestamp64Milli(started_at), {excluded:Bool}, true
from calls final
where
    direction != 'out' and status = 'answered' and coalesce(talk_s, duration_s) * 1000 < {milliseconds:UInt64}
    and ({since:Int64} = 0 or id in (select id from changed_events where run = {run:UInt32} and family = 'calls'))
