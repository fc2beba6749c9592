-- name: create_journeys
-- Where are the journeys of one comparison? `path` numbers channels from 1, in order; `ages` are the touches' seconds
-- before the end, where times are known. `ended` orders journeys by their end, so that a later part can be held out.
-- A row is several journeys of one path where it counts more than one. A path is empty where no touch was found.
create table {journeys:Identifier}
(
    path Array(UInt16),
    ages Array(UInt32),
    conversions Float64,
    nulls Float64,
    value Float64,
    ended UInt64
)
engine = Memory;

-- name: name_journeys
-- Which name does a table of journeys get that is made now? It tells the second by the engine's clock.
select concat('journeys_', toString(toUnixTimestamp(now())), '_', lower(hex(toUInt128(generateUUIDv4())))) as name;

-- name: abandoned_journeys
-- Which tables of journeys are so old that whoever made them must have died before taking them away?
select name
from system.tables
where
    database = currentDatabase() and match(name, '^journeys_[0-9a-f_]+$')
    and toUInt32OrZero(extract(name, '^journeys_([0-9]+)_')) <= toUnixTimestamp(now()) - {age_s:UInt32};

-- name: drop_journeys
-- Take them away.
drop table if exists {journeys:Identifier};

-- name: channels_of_patterns
-- Which channels do the paths of a file name?
select distinct arrayJoin(arrayFilter(
    step -> step != '', arrayMap(step -> trimBoth(step), splitByString({separator:String}, path)))) as channel
from file({file:String}, Parquet, {structure:String})
order by channel;

-- name: add_patterns
-- Of each path of a file, which journeys are there? Its first `first_part` make the first part to end, the rest the later.
--
-- Journeys are counted in an order that no row order changes, and divided by running sums, so that every path is divided
-- alike and the parts add up to the whole.
insert into {journeys:Identifier}
with
patterns as (
    select
        arrayMap(
            step -> transform(step, {channels:Array(String)}, arrayEnumerate({channels:Array(String)}), 0),
            arrayFilter(
                step -> step != '', arrayMap(step -> trimBoth(step), splitByString({separator:String}, path)))) as path,
        sum(conversions) as conversions, sum(nulls) as nulls, sum(value) as value
    from file({file:String}, Parquet, {structure:String})
    group by path
),
counted as (
    select
        *, sum(conversions) over upto as conversions_upto, sum(nulls) over upto as nulls_upto,
        floor({first_part:Float64} * conversions_upto) - floor({first_part:Float64} * (conversions_upto - conversions))
            as conversions_first,
        floor({first_part:Float64} * nulls_upto) - floor({first_part:Float64} * (nulls_upto - nulls)) as nulls_first
    from patterns
    window upto as (order by cityHash64(path), path rows between unbounded preceding and current row)
)
select path, [], part.1, part.2, part.3, part.4
from counted
array join [
    (conversions_first, nulls_first, if(conversions > 0, value * (conversions_first / conversions), value), 0),
    (conversions - conversions_first, nulls - nulls_first,
        if(conversions > 0, value * (1 - conversions_first / conversions), 0), 1)
] as part
where part.1 != 0 or part.2 != 0 or part.3 != 0;

-- name: channels_of_touches
-- Which channels do the touches of a file name?
select distinct {channel:Identifier} as channel
from file({file:String}, Parquet, {structure:String})
where {channel:Identifier} != ''
order by channel;

-- name: add_touches
-- Which journeys do the touches of a file make? Each conversion has one: its visitor's touches at or before it, within the
-- look-back. A visitor without a conversion has one: the touches within the look-back before the last.
--
-- Time in milliseconds, channel and mark are packed into one number, so that each visitor's are sorted in one go; touches
-- of one moment stand in the order of their channels. A conversion may come without a channel: then it is no touch.
insert into {journeys:Identifier}
with
visitors as (
    select
        arraySort(groupArray(bitOr(
            bitShiftLeft(toUInt64(toUnixTimestamp64Milli({time:Identifier})), 16),
            toUInt64(transform(
                {channel:Identifier}, {channels:Array(String)}, arrayEnumerate({channels:Array(String)}), 0))
        ))) as touches,
        groupArrayIf(
            (toUInt64(toUnixTimestamp64Milli({time:Identifier})), toFloat64({value:Identifier})),
            {converted:Identifier} != 0
        ) as conversions
    from file({file:String}, Parquet, {structure:String})
    group by {visitor:Identifier}
),
ends as (
    select
        touches,
        if(empty(conversions), [(bitShiftRight(touches[-1], 16), toFloat64(0))], conversions) as all_ends,
        empty(conversions) as is_null
    from visitors
),
journeys as (
    select
        is_null, end.1 as ended, end.2 as value,
        arrayFilter(
            touch -> bitAnd(touch, 65535) != 0 and bitShiftRight(touch, 16) <= ended
                and bitShiftRight(touch, 16) + {lookback_ms:UInt64} >= ended,
            touches
        ) as found
    from ends
    array join all_ends as end
)
select
    arrayMap(touch -> toUInt16(bitAnd(touch, 65535)), found),
    arrayMap(touch -> toUInt32(intDiv(ended - bitShiftRight(touch, 16), 1000)), found),
    not is_null, is_null, value, ended
from journeys
where not is_null or notEmpty(found);

-- name: count_journeys
-- How many journeys are there, and how many conversions come of one touch, or of none?
select
    sum(j.conversions) as conversions, sum(j.nulls) as nulls, sum(j.value) as value, sum(length(path) * (j.conversions + j.nulls)) as touches,
    sumIf(j.conversions, length(path) = 1) as of_one_touch, sumIf(j.conversions, empty(path)) as of_no_touch,
    sumIf(j.value, empty(path)) as value_of_no_touch
from {journeys:Identifier} as j
where ended between {since:UInt64} and {until:UInt64};

-- name: end_of_first_part
-- By which moment has a share of the rows, each a journey, ended?
select quantileExact({first_part:Float64})(ended) as moment
from {journeys:Identifier};

-- name: transitions
-- How often does a journey step from each state into another, or end there?
--
-- A state is the last `order` channels, 16 bits each, the latest lowest; 0 is the start. Where `following` is 0, it ends.
with
bitShiftRight(toUInt64(18446744073709551615), toUInt8(64 - 16 * {order:UInt8})) as seen,
arrayMap(channel -> toUInt64(channel), path) as channels,
arrayMap(
    (c1, c2, c3, c4) -> bitAnd(
        c1 + bitShiftLeft(c2, 16) + bitShiftLeft(c3, 32) + bitShiftLeft(c4, 48), seen),
    channels, arrayShiftRight(channels, 1, toUInt64(0)), arrayShiftRight(channels, 2, toUInt64(0)),
    arrayShiftRight(channels, 3, toUInt64(0))
) as states
select
    step.1 as state, step.2 as following, sum(j.conversions) as conversions, sum(j.nulls) as nulls,
    sum(if(step.2 = 0, j.value, 0)) as value
from {journeys:Identifier} as j
array join arrayZip(arrayPushFront(states, toUInt64(0)), arrayPushBack(states, toUInt64(0))) as step
where ended between {since:UInt64} and {until:UInt64} and notEmpty(path)
group by state, following
order by state, following;

-- name: channel_sets
-- How many journeys have just these channels, in whatever order and however often?
select arraySort(arrayDistinct(path)) as members, sum(j.conversions) as conversions, sum(j.nulls) as nulls
from {journeys:Identifier} as j
where ended between {since:UInt64} and {until:UInt64} and notEmpty(path)
group by members
order by members;

-- name: allocate
-- How much of the journeys does a rule allocate to each channel: of conversions, of nulls, and of value?
--
-- The rule weighs the touches of a journey, and shares are in proportion; touches that all weigh nothing share evenly.
with
arrayEnumerate(path) as places,
length(path) as n,
arrayMap(nth -> toFloat64(nth = 1), arrayEnumerateUniq(path)) as firsts,
arrayMap(channel -> {weights:Array(Float64)}[channel], path) as of_channel,
multiIf(
    {rule:String} = 'first', arrayMap(i -> toFloat64(i = 1), places),
    {rule:String} = 'last', arrayMap(i -> toFloat64(i = n), places),
    {rule:String} = 'last_but', arrayMap(
        i -> toFloat64(i = if(arrayExists(w -> w > 0, of_channel), arrayLastIndex(w -> w > 0, of_channel), n)), places),
    {rule:String} = 'each', arrayMap(i -> toFloat64(1), places),
    {rule:String} = 'each_once', firsts,
    {rule:String} = 'position', arrayMap(i -> if(n = 2 or i = 1 or i = n, 0.4, 0.2 / (n - 2)), places),
    {rule:String} = 'decay', arrayMap(age -> exp2(-age / {half_life_s:Float64}), ages),
    {rule:String} = 'weighted', of_channel,
    arrayMap((first, weight) -> first * weight, firsts, of_channel)
) as raw,
arraySum(raw) as whole,
arrayMap(weight -> if(whole > 0, weight / whole, 1 / n), raw) as shares
select
    channel, sum(j.conversions * share) as conversions, sum(j.nulls * share) as nulls, sum(j.value * share) as value
from {journeys:Identifier} as j
array join path as channel, shares as share
where
    ended between {since:UInt64} and {until:UInt64} and notEmpty(path)
    and ({with_nulls:Bool} or j.conversions != 0 or j.value != 0)
group by channel
order by channel;

-- name: score
-- How many journeys have each score? A journey's score is the mean of its channels' rates, weighed as the rule allocates.
with
arrayEnumerate(path) as places,
length(path) as n,
arrayMap(nth -> toFloat64(nth = 1), arrayEnumerateUniq(path)) as firsts,
arrayMap(channel -> {weights:Array(Float64)}[channel], path) as of_channel,
multiIf(
    {rule:String} = 'first', arrayMap(i -> toFloat64(i = 1), places),
    {rule:String} = 'last', arrayMap(i -> toFloat64(i = n), places),
    {rule:String} = 'last_but', arrayMap(
        i -> toFloat64(i = if(arrayExists(w -> w > 0, of_channel), arrayLastIndex(w -> w > 0, of_channel), n)), places),
    {rule:String} = 'each', arrayMap(i -> toFloat64(1), places),
    {rule:String} = 'each_once', firsts,
    {rule:String} = 'position', arrayMap(i -> if(n = 2 or i = 1 or i = n, 0.4, 0.2 / (n - 2)), places),
    {rule:String} = 'decay', arrayMap(age -> exp2(-age / {half_life_s:Float64}), ages),
    {rule:String} = 'weighted', of_channel,
    arrayMap((first, weight) -> first * weight, firsts, of_channel)
) as raw,
arraySum(raw) as whole,
arrayMap(weight -> if(whole > 0, weight / whole, 1 / n), raw) as shares
select
    arraySum((share, channel) -> share * {rates:Array(Float64)}[channel], shares, path) as score,
    sum(j.conversions) as conversions, sum(j.nulls) as nulls
from {journeys:Identifier} as j
where ended between {since:UInt64} and {until:UInt64} and notEmpty(path)
group by score
order by score
