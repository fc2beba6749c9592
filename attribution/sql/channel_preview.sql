-- name: moved_channels
-- What would other channel rules move from which channel to which, and by which rules?
--
-- A row for each pair of channels. Both sets of rules are tried on every origin of a run, just as a run would. Counts
-- that a model divides are in billionths, and cost in ten-thousandths.
with
weighed as (
    select origin, sum(sessions) as sessions, toInt64(0) as leads, toInt64(0) as sales, toInt64(0) as cost
    from sessions_of_run(run = {run:UInt32})
    group by origin
    union all
    select
        origin, 0, sumIf(toInt64({model:Identifier}) - toInt64({model_before:Identifier}), kind = 'lead'),
        sumIf(toInt64({model:Identifier}) - toInt64({model_before:Identifier}), kind = 'sale'), 0
    from credits_of_run(run = {run:UInt32})
    where origin != 0
    group by origin
    union all
    select origin, 0, 0, 0, toInt64(sum(toDecimal128(cost, 4)) * 10000) from costs_of_run(run = {run:UInt32}) group by origin
),
weights as (
    select
        origin, toInt64(sum(weighed.sessions)) as sessions, sum(weighed.leads) as leads, sum(weighed.sales) as sales,
        sum(weighed.cost) as cost
    from weighed
    group by origin
),
tried as (
    select
        o.source as source, o.medium as medium, o.campaign as campaign, o.clicks as clicks, o.referrer_host as referrer,
        w.sessions as sessions, w.leads as leads, w.sales as sales, w.cost as cost,
        concat(source, medium, campaign, clicks, referrer) = '' as says_nothing,
        arrayMap(
            rules -> arrayFirst(
                rule ->
                    (rule.2 = '' or match(lowerUTF8(source), rule.2))
                    and (rule.3 = '' or match(lowerUTF8(medium), rule.3))
                    and (rule.4 = '' or match(lowerUTF8(campaign), rule.4))
                    and (rule.5 = '' or match(clicks, rule.5))
                    and (rule.6 = '' or match(lowerUTF8(referrer), rule.6)),
                rules).1,
            {both:Array(Array(Tuple(String, String, String, String, String, String)))}) as ruled,
        arrayMap(
            channel -> multiIf(
                says_nothing and o.contractor != '', 'other', channel != '', channel, says_nothing, 'direct', 'other'),
            ruled) as channels
    from origins_of_run(run = {run:UInt32}) as o
    left join weights as w on o.origin = w.origin
),
combined as (
    select
        channels, (source, medium, campaign, clicks, referrer) as combination, sum(tried.sessions) as sessions,
        sum(tried.leads) as leads, sum(tried.sales) as sales, sum(tried.cost) as cost
    from tried
    group by channels, combination
)
select
    channels[1] as `from`, channels[2] as `to`, count() as combinations, sum(combined.sessions) as sessions,
    sum(combined.leads) as leads, sum(combined.sales) as sales, sum(combined.cost) as cost,
    arrayMap(
        each -> each.2,
        arraySlice(
            arrayReverseSort(groupArray(((combined.sales, combined.leads, combined.sessions, combined.cost), combination))),
            1, {examples:UInt8})) as examples
from combined
group by channels
order by `from` != `to` desc, sales desc, leads desc, sessions desc, cost desc, `from`, `to`;

-- name: rules_used
-- How many combinations does each rule match, for how many is it the first to, and which earlier rule takes most of its?
with
combinations as (
    select distinct source, medium, campaign, clicks, referrer_host as referrer
    from origins_of_run(run = {run:UInt32})
),
matched as (
    select
        arrayFilter(
            (place, rule) ->
                (rule.2 = '' or match(lowerUTF8(source), rule.2))
                and (rule.3 = '' or match(lowerUTF8(medium), rule.3))
                and (rule.4 = '' or match(lowerUTF8(campaign), rule.4))
                and (rule.5 = '' or match(clicks, rule.5))
                and (rule.6 = '' or match(lowerUTF8(referrer), rule.6)),
            arrayEnumerate({rules:Array(Tuple(String, String, String, String, String, String))}),
            {rules:Array(Tuple(String, String, String, String, String, String))}) as places
    from combinations
)
select
    toUInt32(place) as position, count() as matched, countIf(places[1] = place) as taken,
    topKIf(1)(toUInt32(places[1]), places[1] != place)[1] as shadowed_by
from matched
array join places as place
group by place
order by place
