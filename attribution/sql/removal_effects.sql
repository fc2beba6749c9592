-- name: are_known
-- Are the removal effects of a run known?
select count() > 0 from removal_effects where run = {run:UInt32};

-- name: channels
-- Which channels do the touches of a run have?
select distinct channel
from origins_of_run(run = {run:UInt32})
where origin in (select origin from touches_of_run(run = {run:UInt32}))
order by channel;

-- name: transitions
-- How often do the journeys of a run step from each channel into another, or end there, by kind of conversion?
--
-- Channels are numbered from 1 in the given order; 0 is the start, and where `following` is 0, the journey ends. Journeys
-- that do not convert are those of persons whose touches all lie outside the windows of the kind's conversions: they end
-- with the last touch. How far back such a journey goes is told by the shortest window of the kind, which is the look-back
-- unless every deal was opened before it.
with
numbered as (
    select origin, toUInt64(indexOf({channels:Array(String)}, channel)) as number from origins_of_run(run = {run:UInt32})
),
persons as (
    select t.person as person, arraySort(groupArray((t.at, t.id, o.number))) as touches
    from touches_of_run(run = {run:UInt32}) as t
    inner join numbered as o on t.origin = o.origin
    group by t.person
),
ended as (
    select kind, person, at, window_from, window_to from conversions_of_run(run = {run:UInt32})
),
lookbacks as (
    select lookback_ms, arraySort(groupArray(kind)) as kinds
    from (select kind, min(dateDiff('millisecond', window_from, at)) as lookback_ms from ended group by kind)
    group by lookback_ms
),
windows as (
    select person, groupArray((kind, window_from, window_to)) as bounds from ended group by person
),
converted as (
    select
        [e.kind] as kinds, toFloat64(1) as conversions, toFloat64(0) as nulls,
        arrayFilter(touch -> touch.1 between e.window_from and e.window_to, p.touches) as path
    from ended as e
    inner join persons as p on e.person = p.person
),
unconverted as (
    select
        arrayFilter(
            kind -> not arrayExists(
                bound -> bound.1 = kind and arrayExists(touch -> touch.1 between bound.2 and bound.3, p.touches), w.bounds),
            l.kinds) as kinds,
        toFloat64(0) as conversions, toFloat64(1) as nulls,
        arrayFilter(touch -> dateDiff('millisecond', touch.1, p.touches[-1].1) <= l.lookback_ms, p.touches) as path
    from persons as p
    left join windows as w on p.person = w.person
    cross join lookbacks as l
),
stepped as (
    select
        kinds, step.1 as state, step.2 as following, sum(journeys.conversions) as conversions, sum(journeys.nulls) as nulls
    from (select * from converted union all select * from unconverted) as journeys
    array join arrayZip(
        arrayPushFront(arrayMap(touch -> touch.3, path), toUInt64(0)),
        arrayPushBack(arrayMap(touch -> touch.3, path), toUInt64(0))) as step
    where notEmpty(path)
    group by kinds, state, following
)
select kind, state, following, sum(stepped.conversions) as conversions, sum(stepped.nulls) as nulls
from stepped
array join kinds as kind
group by kind, state, following
order by kind, state, following
