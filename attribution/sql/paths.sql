-- name: top_paths
-- Which paths did the journeys of the conversions of a period take, the most frequent first? One row of all stands first.
--
-- A step is what origins call it; with `folded`, the same step several times in a row is one. `paths` is how many different
-- ones there are. Money is in ten-thousandths: whole numbers, so that sums are exact.
with
ended as (
    select person, conversion, origin, place, date, touch_date, revenue, margin
    from credits_of_run(run = {run:UInt32})
    where
        kind = {kind:String} and date between {from:Date} and {to:Date}
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
),
journeys as (
    select
        c.person as person, c.conversion as conversion, any(c.revenue) as journey_revenue, any(c.margin) as journey_margin,
        dateDiff('day', min(c.touch_date), any(c.date)) as days, countIf(c.place > 0) as touches,
        arrayMap(step -> step.2, arraySort(groupArrayIf((c.place, o.step), c.place > 0))) as steps
    from ended as c
    left join
    (
        select origin, if({of:Identifier} = '', '(none)', toString({of:Identifier})) as step from origins_of_run(run = {run:UInt32})
    ) as o on c.origin = o.origin
    group by c.person, c.conversion
),
named as (
    select
        *,
        if(touches = 0, '(no touch)', arrayStringConcat(if({folded:Bool}, arrayCompact(steps), steps), ' → ')) as path
    from journeys
)
select
    path, grouping(path) as is_total, uniqExact(path) as paths, count() as conversions, avg(touches) as touches_mean,
    toInt64(sum(journey_revenue) * 10000) as revenue_units, toInt64(sum(journey_margin) * 10000) as margin_units,
    quantileExactIf(0.5)(days, touches > 0) as days_median
from named
group by grouping sets ((path), ())
order by is_total desc, conversions desc, revenue_units desc, path
limit {most:UInt32};

-- name: path_lengths
-- How many touches did the journeys of the conversions of a period have, and how many days lay between the first of them and
-- the end? A row a number of touches and of days.
with
ended as (
    select person, conversion, origin, place, date, touch_date, revenue, margin
    from credits_of_run(run = {run:UInt32})
    where
        kind = {kind:String} and date between {from:Date} and {to:Date}
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
)
select
    touches, days, count() as conversions, toInt64(sum(journey_revenue) * 10000) as revenue_units,
    toInt64(sum(journey_margin) * 10000) as margin_units
from
(
    select
        toInt64(countIf(place > 0)) as touches, toInt64(dateDiff('day', min(touch_date), any(date))) as days,
        any(revenue) as journey_revenue, any(margin) as journey_margin
    from ended
    group by person, conversion
)
group by touches, days
order by touches, days;

-- name: assisted
-- In how many journeys did each step open, help and close?
--
-- Whatever is on a journey either closes it or assists: `closed` and `assisted` add up to `on_path`. A conversion without a
-- touch is closed by `(no touch)`.
with
ended as (
    select person, conversion, origin, place, date, touch_date, revenue, margin
    from credits_of_run(run = {run:UInt32})
    where
        kind = {kind:String} and date between {from:Date} and {to:Date}
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
),
journeys as (
    select
        any(c.revenue) as journey_revenue, any(c.margin) as journey_margin,
        arrayMap(step -> step.2, arraySort(groupArrayIf((c.place, o.step), c.place > 0))) as touched,
        if(empty(touched), ['(no touch)'], touched) as steps
    from ended as c
    left join
    (
        select origin, if({of:Identifier} = '', '(none)', toString({of:Identifier})) as step from origins_of_run(run = {run:UInt32})
    ) as o on c.origin = o.origin
    group by c.person, c.conversion
)
select
    step, count() as on_path, countIf(steps[1] = step) as opened, countIf(steps[-1] = step) as closed,
    countIf(steps[-1] != step) as assisted, countIf(length(arrayDistinct(steps)) = 1) as alone,
    toInt64(sumIf(journey_revenue, steps[-1] = step) * 10000) as closed_revenue_units,
    toInt64(sumIf(journey_revenue, steps[-1] != step) * 10000) as assisted_revenue_units,
    toInt64(sumIf(journey_margin, steps[-1] = step) * 10000) as closed_margin_units,
    toInt64(sumIf(journey_margin, steps[-1] != step) * 10000) as assisted_margin_units
from journeys
array join arrayDistinct(steps) as step
group by step
order by on_path desc, step
