-- name: noise_by
-- How many touches, calls and leads of each group are noise, how many are left out, and what did the clicks cost?
--
-- An event of several reasons counts in each reason, and once in any other group. A click costs what its channel's media
-- cost that day, divided by all the channel's clicks of the day: those that count and those left out.
with
events as (
    select * from noisy_events(run = {run:UInt32}, timezone = {timezone:String})
    where day between {from:Date} and {to:Date}
),
clicks as (
    select day, channel, sum(number) as number
    from
    (
        select day, channel, clicks as number
        from clicks_of_run(run = {run:UInt32})
        where day between {from:Date} and {to:Date}
        union all
        select day, channel, toInt64(uniqExact(id))
        from events
        where family = 'touches' and excluded and is_click
        group by day, channel
    )
    group by day, channel
),
media as (
    select c.date as day, o.channel as channel, toFloat64(sum(c.cost)) as cost
    from costs_of_run(run = {run:UInt32}) as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    where c.part = 'media' and c.date between {from:Date} and {to:Date}
    group by day, channel
),
prices as (
    select clicks.day as day, clicks.channel as channel, if(clicks.number = 0, 0, media.cost / clicks.number) as price
    from clicks
    inner join media on clicks.day = media.day and clicks.channel = media.channel
),
placed as (
    select
        toString({by:Identifier}) as by, family, id, max(excluded) as is_excluded, any(is_click) as clicked,
        any(day) as on_day, any(channel) as of_channel
    from events
    group by by, family, id
)
select
    by,
    countIf(family = 'touches') as noise_touches, countIf(family = 'touches' and is_excluded) as excluded_touches,
    countIf(family = 'calls') as noise_calls, countIf(family = 'calls' and is_excluded) as excluded_calls,
    countIf(family = 'leads') as noise_leads, countIf(family = 'leads' and is_excluded) as excluded_leads,
    sumIf(prices.price, family = 'touches' and clicked) as noise_cost,
    sumIf(prices.price, family = 'touches' and clicked and is_excluded) as excluded_cost
from placed
left join prices on placed.on_day = prices.day and placed.of_channel = prices.channel
group by by;

-- name: clean_by
-- How many clicks count in each group, and what did its media cost?
with
whole as (
    select day, channel, dealer, contractor, source, medium, campaign, '' as everything, clicks, toFloat64(0) as cost
    from clicks_of_run(run = {run:UInt32})
    union all
    select
        c.date, o.channel, c.dealer, o.contractor, o.source, o.medium, o.campaign, '', toInt64(0), toFloat64(c.cost)
    from costs_of_run(run = {run:UInt32}) as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    where c.part = 'media'
)
select toString({by:Identifier}) as by, sum(clicks) as clean_clicks, sum(whole.cost) as cost
from whole
where day between {from:Date} and {to:Date}
group by by;

-- name: examples
-- Which events are noise, the newest of each reason? Without anything that names a person.
select
    reason, family, id, at, excluded, channel, campaign, dealer, contractor
from noisy_events(run = {run:UInt32}, timezone = {timezone:String})
where
    day between {from:Date} and {to:Date} and ({reason:String} = '' or reason = {reason:String})
    and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
    and ({sees_all_contractors:Bool} or has({seen_contractors:Array(String)}, toString(contractor)))
order by reason, at desc, id
limit {most:UInt32} by reason;

-- name: rules_of_run
-- By which rules did the run find its noise?
select version, reason, action, most, seconds
from noise_rules_of_run(run = {run:UInt32})
order by reason
