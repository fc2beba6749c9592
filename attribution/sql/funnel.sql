-- name: stages_by
-- Of the opportunities of a period, how many of each group reached each stage, went on from it, stopped in it, and after how long?
--
-- Once in all (`is_whole`), and by the days for which they have been observed, the day they were opened on being 0. Counts are
-- in billionths of an opportunity, since several touches may share the credit for one.
with
stored as (select * from credits_of_run(run = {run:UInt32})),
by_markov as (select * from markov_of_run(run = {run:UInt32})),
fromUnixTimestamp64Milli({until:Int64}, 'UTC') as until,
opened as (
    select *, arrayLastIndex(moment -> moment is not null, reached_at) as furthest
    from opportunities_of_run(run = {run:UInt32})
    where
        not is_service and day between {from:Date} and {to:Date} and at <= until
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
),
placed as (
    select
        p.*, '' as everything,
        if(c.origin = 0, '(no touch)', o.channel) as channel, if(c.origin = 0, '(no touch)', o.source) as source,
        if(c.origin = 0, '(no touch)', o.medium) as medium, if(c.origin = 0, '(no touch)', o.campaign) as campaign,
        if(c.origin = 0, '(no touch)', o.contractor) as contractor,
        if(c.conversion = '', 1000000000, toInt64(c.upto) - toInt64(c.before)) as share
    from opened as p
    left join
    (
        select kind as conversion_kind, conversion, origin, {share:Identifier} as upto, {share_before:Identifier} as before
        from {credits:Identifier}
        where upto != before
    ) as c
        on p.id = c.conversion and p.credited_kind = c.conversion_kind
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
)
select
    toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by, number as stage,
    grouping(observed) as is_whole, observed, sum(share) as reached_units,
    sumIf(share, went_on) as went_on_units,
    sumIf(share, furthest = number and state = 'open') as open_units,
    sumIf(share, furthest = number and state = 'lost') as lost_units,
    quantileExactWeightedIf(0.5)(lag, toUInt64(share), lag >= 0) as lag_median,
    quantileExactWeightedIf(0.9)(lag, toUInt64(share), lag >= 0) as lag_p90,
    quantileExactWeightedIf(0.5)(open_days, toUInt64(share), furthest = number and state = 'open') as open_median,
    quantileExactWeightedIf(0.9)(open_days, toUInt64(share), furthest = number and state = 'open') as open_p90
from
(
    select
        *, number, toInt64(dateDiff('day', day, toDate(until, {timezone:String}))) as observed,
        reached_at[[2, 4, 4, 6, 6, 7, 8][number]] is not null as went_on,
        ifNull(dateDiff('millisecond', seen_at[[8, 1, 2, 2, 4, 4, 6][number]], seen_at[number]) / 86400000, -1) as lag,
        dateDiff('millisecond', reached_at[number], until) / 86400000 as open_days
    from placed
    array join [1, 2, 3, 4, 5, 6, 7] as number
    where reached_at[number] is not null
)
group by grouping sets ((by, then_by, stage), (by, then_by, stage, observed))
order by by, then_by, stage;

-- name: visitors_by
-- How many persons of each group visited a site in the period, and how many of them asked afterwards?
--
-- A person belongs to the group of the first visit in the period. In billionths, as above.
with
visitors as (
    select person, at as first_at, origin as first_origin, dealer as first_dealer
    from touches_of_run(run = {run:UInt32})
    where session != 0 and toDate(at, {timezone:String}) between {from:Date} and {to:Date}
    order by person, at, id
    limit 1 by person
),
asked as (
    select person, max(at) as last_at
    from conversions_of_run(run = {run:UInt32})
    where kind = 'lead'
    group by person
),
placed as (
    select
        toDate(v.first_at, {timezone:String}) as day, toMonday(day) as week, toStartOfMonth(day) as month,
        concat(toString(toDayOfWeek(day)), ' ', dateName('weekday', day)) as weekday,
        leftPad(toString(toHour(v.first_at, {timezone:String})), 2, '0') as hour,
        o.channel as channel, o.source as source, o.medium as medium, o.campaign as campaign, o.contractor as contractor,
        v.first_dealer as dealer, b.brand as brand, '' as manager, '' as product, '' as kind, '' as everything,
        a.last_at >= v.first_at as has_asked
    from visitors as v
    left join asked as a on v.person = a.person
    left join origins_of_run(run = {run:UInt32}) as o on v.first_origin = o.origin
    left join (select dealer, brand from dealers_of_run(run = {run:UInt32})) as b on v.first_dealer = b.dealer
    where ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(v.first_dealer)))
)
select
    toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by,
    1000000000 * toInt64(count()) as reached_units, 1000000000 * toInt64(countIf(has_asked)) as went_on_units
from placed
group by by, then_by
order by by, then_by;

-- name: stage_lags
-- How many days after an opportunity was opened did how many reach each stage, and how many days has each been observed?
with
fromUnixTimestamp64Milli({until:Int64}, 'UTC') as until
select
    number as stage,
    toInt64(dateDiff('day', day, toDate(reached_at[number], {timezone:String}))) as lag,
    toInt64(dateDiff('day', day, toDate(until, {timezone:String}))) as observed,
    count() as n
from opportunities_of_run(run = {run:UInt32})
array join [2, 3, 4, 5, 6, 7] as number
where not is_service and reached_at[number] is not null and reached_at[number] <= until
group by stage, lag, observed
