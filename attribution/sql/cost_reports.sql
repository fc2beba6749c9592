-- name: missing_rates
-- Which money could a run not turn into the account's currency?
select family, currency, first_day, last_day, events, amount
from missing_rates_of_run(run = {run:UInt32})
order by family, currency;

-- name: spend_by_rule
-- What did each campaign of spend cost in the period, which rule matched it with which touches, and how many site visits
-- did those bring?
with
spent as (
    select
        s.source as source, s.medium as medium, s.campaign as campaign, s.rule as rule, s.touch_source as touch_source,
        s.touch_medium as touch_medium, s.touch_campaign as touch_campaign,
        toInt64(sum(c.cost) * 10000) as cost_units, sum(c.clicks) as clicks
    from costs_of_run(run = {run:UInt32}) as c
    inner join spend_origins_of_run(run = {run:UInt32}) as s on c.origin = s.origin
    where c.part = 'media' and c.date between {from:Date} and {to:Date}
    group by source, medium, campaign, rule, touch_source, touch_medium, touch_campaign
),
seen as (
    select o.source as source, o.medium as medium, of as campaign, sum(s.sessions) as sessions
    from sessions_of_run(run = {run:UInt32}) as s
    inner join origins_of_run(run = {run:UInt32}) as o on s.origin = o.origin
    array join arrayDistinct([toString(o.campaign), '']) as of
    where s.date between {from:Date} and {to:Date}
    group by source, medium, campaign
    having sum(s.sessions) > 0
)
select spent.*, seen.sessions as sessions
from spent
left join seen
    on spent.touch_source = seen.source and spent.touch_medium = seen.medium and spent.touch_campaign = seen.campaign
order by cost_units desc, source, medium, campaign;

-- name: paid_touches_without_cost
-- Which campaigns of paid touches brought site visits in the period, and have no cost in it?
--
-- Paid is what is in a paid channel, or says so by its medium. Cost of a source that names no campaign covers all of them.
with
covered as (
    select distinct s.touch_source as source, s.touch_medium as medium, s.touch_campaign as campaign
    from costs_of_run(run = {run:UInt32}) as c
    inner join spend_origins_of_run(run = {run:UInt32}) as s on c.origin = s.origin
    where c.part = 'media' and c.cost > 0 and c.date between {from:Date} and {to:Date}
)
select o.source as source, o.medium as medium, o.campaign as campaign, sum(s.sessions) as sessions
from sessions_of_run(run = {run:UInt32}) as s
inner join origins_of_run(run = {run:UInt32}) as o on s.origin = o.origin
where
    s.date between {from:Date} and {to:Date}
    and (o.channel in {paid_channels:Array(String)} or match(lowerUTF8(o.medium), {paid_medium:String}))
    and (o.source, o.medium, o.campaign) not in covered
    and (o.source, o.medium, '') not in covered
    and (o.source, '', '') not in covered
group by source, medium, campaign
having sum(s.sessions) > 0
order by sessions desc, source, medium, campaign;

-- name: nearest_names
-- Which touches' names are like those of spend that no rule matched, and how alike, from 0 to 1?
--
-- The plain forms are compared: by the pieces of four letters that they share, and by Jaro-Winkler, whichever says more.
-- The same id under another source is alike wholly; another source takes a fifth off.
with
spent as (
    select source, medium, campaign, any(plain_source) as p_source, any(plain_campaign) as p_campaign,
        groupUniqArrayArray(plain_others) as p_others, groupUniqArrayArray(ids) as marks
    from cost_names_of_run(run = {run:UInt32})
    where
        side = 'spend'
        and (source, medium, campaign) in (
            select source, medium, campaign from spend_origins_of_run(run = {run:UInt32}) where rule = 'none')
    group by source, medium, campaign
    limit 1000
),
touched as (
    select source, medium, campaign, any(plain_source) as p_source, any(plain_campaign) as p_campaign,
        groupUniqArrayArray(ids) as marks, sum(weight) as times
    from cost_names_of_run(run = {run:UInt32})
    where side = 'touches'
    group by source, medium, campaign
    order by times desc, source, medium, campaign
    limit 5000
)
select
    s.source as source, s.medium as medium, s.campaign as campaign,
    t.source as touch_source, t.medium as touch_medium, t.campaign as touch_campaign,
    if(
        hasAny(s.marks, t.marks), 1,
        if(s.p_source = t.p_source, 1, 0.8) * arrayMax(
            name -> greatest(
                1 - ngramDistanceUTF8(name, t.p_campaign), (jaroWinklerSimilarity(name, t.p_campaign) - 0.6) / 0.4),
            arrayPushBack(s.p_others, s.p_campaign))) as similarity
from spent as s
cross join touched as t
where t.p_campaign != '' and similarity >= {least:Float64}
order by similarity desc, times desc, source, medium, campaign, touch_source, touch_medium, touch_campaign
limit 20000
