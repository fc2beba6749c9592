-- name: replace_journeys
-- Whose journeys are others than before? Those of persons whose conversions were derived anew, and those of others with a
-- conversion in whose window a touch came, went or changed.
insert into replaced_journeys (base, run, person)
with
came as (
    select person, min(at) as first_at, max(at) as last_at
    from
    (
        select person, at from person_touches where base = {base:UInt32} and run = {run:UInt32}
        union all
        select person, at from seen_touches where run = {run:UInt32}
    )
    group by person
)
select {base:UInt32}, {run:UInt32}, person
from replaced_persons
where base = {base:UInt32} and run = {run:UInt32}
union distinct
select {base:UInt32}, {run:UInt32}, c.person
from (select * from conversions_of_run(run = {run:UInt32}) where person in (select person from came)) as c
inner join came on c.person = came.person
where c.window_from <= came.last_at and c.window_to >= came.first_at;

-- name: allocate_credit
-- How much of each conversion does each touch of its journey get, under every model?
--
-- A share is kept as the sum of shares up to and with the touch, in billionths, beside the sum before it: differences of
-- neighbours add up to exactly one, and what is rounded from them adds up to the whole amount.
insert into credits
with
1000000000 as one,
wanted as (
    select *
    from conversions_of_run(run = {run:UInt32})
    where
        {since:Int64} = 0
        or person in (select person from replaced_journeys where base = {base:UInt32} and run = {run:UInt32})
),
journeys as (
    select
        c.*,
        arraySort(arrayFilter(t -> t.1 between c.window_from and c.window_to, j.touches)) as touches,
        length(touches) as n,
        arrayLastIndex(t -> not t.4, touches) as non_direct,
        arrayCumSum(t -> exp2(-dateDiff('second', t.1, touches[-1].1) / ({half_life_days:Float64} * 86400)), touches) as decay,
        arrayCumSum(
            i -> if(i <= length({first:Array(Float64)}), {first:Array(Float64)}[i], 0)
                + if(n - i < length({last:Array(Float64)}), {last:Array(Float64)}[-(n - i + 1)], 0)
                + if(
                    i > length({first:Array(Float64)}) and n - i >= length({last:Array(Float64)}),
                    {middle:Float64} / (n - length({first:Array(Float64)}) - length({last:Array(Float64)})), 0),
            arrayEnumerate(touches)
        ) as custom_weights,
        arrayMap(t -> t.5, touches) as channels,
        arrayCumSum(channel -> 1 / countEqual(channels, channel), channels) as shapley_weights
    from wanted as c
    left join
    (
        select person, groupArray((at, id, t.origin, direct, channel)) as touches
        from touches_of_run(run = {run:UInt32}) as t
        inner join (select origin, channel from origins where base = {base:UInt32}) as o on t.origin = o.origin
        where person in (select person from wanted)
        group by person
    ) as j on c.person = j.person
)
select
    {base:UInt32}, {run:UInt32}, person, kind, id, touch.3, toDate(at, {timezone:String}),
    if(n = 0, toDate(at, {timezone:String}), toDate(touch.1, {timezone:String})),
    dealer, brand, manager, product, deal_kind, repeat, revenue, margin, i,
    if(i <= 1, 0, one), one,
    0, if(i >= n, one, 0),
    if(i > taker, one, 0), if(i >= taker, one, 0),
    if(n = 0, 0, intDiv(one * (i - 1), n)), if(n = 0, one, intDiv(one * i, n)),
    multiIf(i <= 1, 0, n = 2, 500000000, toUInt32(400000000 + intDiv(200000000 * (i - 2), n - 2))),
    multiIf(i >= n, one, n = 2, 500000000, toUInt32(400000000 + intDiv(200000000 * (i - 1), n - 2))),
    if(i <= 1, 0, toUInt32(round(one * (decay[i - 1] / decay[n])))),
    if(i >= n, one, toUInt32(round(one * (decay[i] / decay[n])))),
    multiIf(i <= 1, 0, custom_weights[n] = 0, intDiv(one * (i - 1), n),
        toUInt32(round(one * (custom_weights[i - 1] / custom_weights[n])))),
    multiIf(i >= n, one, custom_weights[n] = 0, intDiv(one * i, n),
        toUInt32(round(one * (custom_weights[i] / custom_weights[n])))),
    if(i <= 1, 0, toUInt32(round(one * (shapley_weights[i - 1] / shapley_weights[n])))),
    if(i >= n, one, toUInt32(round(one * (shapley_weights[i] / shapley_weights[n]))))
from
(
    select *, if(non_direct = 0, n, non_direct) as taker
    from journeys
)
left array join touches as touch, arrayEnumerate(touches) as i
