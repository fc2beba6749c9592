-- name: channels_of_run
-- Which channels do the touches of a run have, or which channels with their campaigns?
select distinct if({by:String} = 'campaign', concat(channel, ' / ', if(campaign = '', '(none)', campaign)), channel) as label
from origins_of_run(run = {run:UInt32})
where origin in (select origin from touches_of_run(run = {run:UInt32}))
order by label;

-- name: add_journeys_of_run
-- Which journeys ended within the period: those of conversions of a kind, and those of persons who did not convert?
--
-- A person did not convert whose touches of the period lie in no window of a conversion of the kind, whenever it was; such
-- a journey ends with the last of these touches, and holds those within the look-back before it.
insert into {journeys:Identifier}
with
numbered as (
    select
        origin,
        toUInt16(indexOf(
            {channels:Array(String)},
            if({by:String} = 'campaign', concat(channel, ' / ', if(campaign = '', '(none)', campaign)), channel))) as number
    from origins_of_run(run = {run:UInt32})
),
of_kind as (
    select person, at, window_from, window_to, toFloat64(revenue) as revenue
    from conversions_of_run(run = {run:UInt32})
    where kind = {kind:String}
),
ended as (
    select * from of_kind where toDate(at, {timezone:String}) between {from:Date} and {to:Date}
),
touches as (
    select
        t.person as person, arraySort(groupArray((t.at, t.id, o.number))) as all_touches,
        arrayFilter(
            touch -> toDate(touch.1, {timezone:String}) between {from:Date} and {to:Date}, all_touches) as of_period
    from touches_of_run(run = {run:UInt32}) as t
    inner join numbered as o on t.origin = o.origin
    where
        toDate(t.at, {timezone:String}) between {from:Date} and {to:Date}
        or t.person in (select person from ended)
    group by t.person
),
windows as (
    select person, groupArray((window_from, window_to)) as all_windows from of_kind group by person
),
converted as (
    select
        arrayFilter(touch -> touch.1 between c.window_from and c.window_to, t.all_touches) as path, c.at as end,
        toFloat64(1) as conversions, toFloat64(0) as nulls, c.revenue as value
    from ended as c
    left join touches as t on c.person = t.person
),
unconverted as (
    select
        arrayFilter(touch -> touch.1 >= t.of_period[-1].1 - toIntervalDay({lookback_days:UInt32}), t.of_period) as path,
        t.of_period[-1].1 as end, toFloat64(0) as conversions, toFloat64(1) as nulls, toFloat64(0) as value
    from touches as t
    left join windows as w on t.person = w.person
    where
        notEmpty(t.of_period)
        and not arrayExists(
            touch -> arrayExists(bounds -> touch.1 between bounds.1 and bounds.2, w.all_windows), t.of_period)
)
select
    path.3, arrayMap(touch -> toUInt32(greatest(dateDiff('second', touch.1, path[-1].1), 0)), path),
    conversions, nulls, value, toUnixTimestamp64Milli(end)
from (select * from converted union all select * from unconverted);

-- name: credit_by_channel
-- What did a model credit to each channel, of conversions of a kind: in billionths, and revenue in ten-thousandths?
with
placed as (
    select
        if(c.origin = 0, '(no touch)',
            if({by:String} = 'campaign', concat(o.channel, ' / ', if(o.campaign = '', '(none)', o.campaign)), o.channel)
        ) as channel,
        {share:Identifier} as upto, {share_before:Identifier} as before,
        toInt64(toDecimal128(c.revenue, 4) * 10000) as units
    from credits_of_run(run = {run:UInt32}) as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    where c.kind = {kind:String} and c.date between {from:Date} and {to:Date} and upto != before
)
select
    channel, sum(toInt64(upto) - toInt64(before)) as conversions,
    sum(
        if(upto = 1000000000, units, 100 * toInt64(round(units * (upto / 1e9) / 100)))
        - if(before = 1000000000, units, 100 * toInt64(round(units * (before / 1e9) / 100)))) as revenue
from placed
group by channel
order by channel
