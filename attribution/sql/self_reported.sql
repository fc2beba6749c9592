-- name: self_reported
-- Which channels do people name who were asked, beside those that are allocated their lead or sale?
--
-- The answer is a property of the lead, or of the deal; a sale's deal that has none takes that of its lead. The first
-- pattern that fits an answer names its channel.
with
stored as (select * from credits_of_run(run = {run:UInt32})),
by_markov as (select * from markov_of_run(run = {run:UInt32})),
answers as (
    select conversion, argMax(answer, (place, said_at)) as answer
    from
    (
        select id as conversion, trimBoth(JSONExtractString(properties, {property:String})) as answer, 1 as place, created_at as said_at
        from leads final
        where answer != ''
        union all
        select deal_id, trimBoth(JSONExtractString(properties, {property:String})) as answer, 3, occurred_at
        from deals final
        where answer != ''
        union all
        select d.deal_id, l.answer, 2, l.said_at
        from (select distinct deal_id, lead_id from deals final where lead_id != '') as d
        inner join
        (
            select id, trimBoth(JSONExtractString(properties, {property:String})) as answer, created_at as said_at
            from leads final
            where answer != ''
        ) as l on d.lead_id = l.id
    )
    group by conversion
),
allocated as (
    select
        c.conversion as conversion, if(c.origin = 0, '(no touch)', toString(o.channel)) as channel,
        sum(toInt64({share:Identifier}) - toInt64({share_before:Identifier})) / 1e9 as part
    from {credits:Identifier} as c
    left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
    where
        c.kind = {kind:String} and c.date between {from:Date} and {to:Date}
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(c.dealer)))
    group by conversion, channel
)
select
    channel,
    if(
        a.answer = '', '(not asked)',
        arrayFirst(
            rule -> match(lowerUTF8(a.answer), rule.1),
            arrayPushBack(arrayZip({patterns:Array(String)}, {channels:Array(String)}), ('', '(other answer)'))
        ).2
    ) as self_reported,
    sum(part) as counted
from allocated as p
left join answers as a on p.conversion = a.conversion
where part != 0
group by channel, self_reported
order by channel, self_reported;

-- name: unmapped_answers
-- Which answers that no pattern fits were given by at least five?
select lowerUTF8(answer) as answer, uniqExact(id) as people
from
(
    select id, trimBoth(JSONExtractString(properties, {property:String})) as answer
    from leads final
    where ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
    union all
    select deal_id, trimBoth(JSONExtractString(properties, {property:String})) as answer
    from deals final
    where ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
)
where answer != '' and not arrayExists(pattern -> match(lowerUTF8(answer), pattern), {patterns:Array(String)})
group by answer
having people >= 5
order by people desc, answer
limit 50
