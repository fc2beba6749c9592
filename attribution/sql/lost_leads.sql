-- name: handling_by
-- How were the opportunities of each group handled, in all (`is_whole`), and by the whole days they have been observed?
--
-- Counts are in billionths of an opportunity. Only sales within whole days count, so that they stand beside the measured lag.
with
stored as (select * from credits_of_run(run = {run:UInt32})),
by_markov as (select * from markov_of_run(run = {run:UInt32})),
fromUnixTimestamp64Milli({until:Int64}, 'UTC') as until,
opened as (
    select
        *, lost_reason as reason,
        dateDiff('second', at, responded_at) as response_seconds,
        multiIf(
            response_seconds is null, 'never', response_seconds <= 300, 'within 5 min', response_seconds <= 900, 'within 15 min',
            response_seconds <= 3600, 'within 1 h', response_seconds <= 14400, 'within 4 h', response_seconds <= 86400,
            'within 1 day', 'later') as response,
        response_seconds is null and state = 'open' and at <= until - toIntervalHour({unprocessed_hours:UInt32}) as is_unprocessed,
        toInt64(dateDiff('day', day, toDate(until, {timezone:String}))) as observed
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
    toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by,
    grouping(observed) as is_whole, observed, sum(share) as leads_units,
    sumIf(share, state = 'sold') as sales_units,
    sumIf(share, state = 'lost') as lost_units,
    sumIf(share, is_unprocessed) as unprocessed_units,
    sumIf(share, response_seconds > 60 * {late_minutes:UInt32}) as late_units,
    sumIf(share, is_missed) as missed_calls_units,
    sumIf(share, is_missed and is_unprocessed) as not_called_back_units,
    sumIf(share, response_seconds is not null) as responded_units,
    sumIf(
        share,
        response_seconds is not null and dateDiff('day', day, toDate(reached_at[7], {timezone:String})) < observed) as won_units,
    sumIf(share, state = 'sold' and margin is not null) as valued_units,
    sumIf(toFloat64(margin) * share / 1000000000, state = 'sold') as margin_sum,
    sumIf(toFloat64(margin) * toFloat64(margin) * share / 1000000000, state = 'sold') as margin_squares,
    quantileExactWeightedIf(0.5)(assumeNotNull(response_seconds), toUInt64(share), responded_at is not null) as response_median,
    quantileExactWeightedIf(0.9)(assumeNotNull(response_seconds), toUInt64(share), responded_at is not null) as response_p90
from placed
group by grouping sets ((by, then_by), (by, then_by, observed))
order by by, then_by, observed;

-- name: noise_by
-- How many requests that the CRM holds are there of each group, and how many of them are junk or duplicates?
--
-- Junk is no conversion and has no credit: every request here belongs to the last touch before it that is not direct, or to
-- the last one where all are.
with
requests as (
    select
        id, created_at, toDate(created_at, {timezone:String}) as day, dealer, manager, product, status,
        sipHash64(concat('lead:', id)) as key
    from leads final
    where
        day between {from:Date} and {to:Date} and JSONExtractString(properties, 'direction') not in ('service', 'parts')
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
),
requests_of_persons as (
    select r.*, if(known.key = 0, r.key, known.person) as person
    from requests as r
    left join
    (
        select key, person from persons_of_run(run = {run:UInt32}) where key in (select key from requests)
    ) as known on r.key = known.key
),
touches_before as (
    select person, at, origin, direct
    from touches_of_run(run = {run:UInt32})
    where person in (select person from requests_of_persons)
),
said as (
    select r.*, t.at as touched_at, t.origin as told
    from requests_of_persons as r
    asof left join (select person, at, origin from touches_before where not direct) as t
        on r.person = t.person and r.created_at >= t.at
),
touched as (
    select
        r.*,
        multiIf(
            r.touched_at >= r.created_at - toIntervalDay({lookback_days:UInt32}), r.told,
            t.at >= r.created_at - toIntervalDay({lookback_days:UInt32}), t.origin,
            0) as origin
    from said as r
    asof left join (select person, at, origin from touches_before where direct) as t
        on r.person = t.person and r.created_at >= t.at
),
placed as (
    select
        r.day as day, toMonday(r.day) as week, toStartOfMonth(r.day) as month,
        concat(toString(toDayOfWeek(r.day)), ' ', dateName('weekday', r.day)) as weekday,
        leftPad(toString(toHour(r.created_at, {timezone:String})), 2, '0') as hour,
        r.dealer as dealer, b.brand as brand, r.manager as manager, r.product as product, '' as everything,
        if(r.origin = 0, '(no touch)', o.channel) as channel, if(r.origin = 0, '(no touch)', o.source) as source,
        if(r.origin = 0, '(no touch)', o.medium) as medium, if(r.origin = 0, '(no touch)', o.campaign) as campaign,
        if(r.origin = 0, '(no touch)', o.contractor) as contractor, r.status as status
    from touched as r
    left join origins_of_run(run = {run:UInt32}) as o on r.origin = o.origin
    left join (select dealer, brand from dealers_of_run(run = {run:UInt32})) as b on r.dealer = b.dealer
)
select
    toString({by:Identifier}) as by, toString({then_by:Identifier}) as then_by, count() as requests,
    countIf(status = 'junk') as junk, countIf(status = 'duplicate') as duplicates
from placed
group by by, then_by
order by by, then_by
