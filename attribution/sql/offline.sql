-- name: offline_spend
-- What did offline advertising cost on each day, and where: in its region, or that of its dealer; '' is everywhere?
with
marks as (
    select mark, medium
    from (select {marks:Array(String)} as all_marks, {media:Array(String)} as all_media)
    array join all_marks as mark, all_media as medium
)
select
    c.date as day, lowerUTF8(multiIf(o.region != '', o.region, d.city != '', d.city, c.dealer)) as place,
    if(by_medium.medium != '', by_medium.medium, by_source.medium) as medium, toFloat64(sum(c.cost)) as cost
from costs_of_run(run = {run:UInt32}) as c
inner join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
left join dealers_of_run(run = {run:UInt32}) as d on c.dealer = d.dealer
left join marks as by_medium on lowerUTF8(o.medium) = by_medium.mark
left join marks as by_source on lowerUTF8(o.source) = by_source.mark
where c.date between {warm_from:Date} and {to:Date} and medium != ''
group by day, place, medium
order by day, place, medium;

-- name: outcomes_by_place
-- How many site visits, calls, leads, showroom visits and sales were there on each day, and where?
--
-- Site visits are where the visitor was; the others where the dealer is. What names neither is left out.
with
told as (
    select s.date as day, 'sessions' as outcome, o.region as region, s.dealer as dealer, s.sessions as times
    from sessions_of_run(run = {run:UInt32}) as s
    inner join origins_of_run(run = {run:UInt32}) as o on s.origin = o.origin
    union all
    select toDate(at, {timezone:String}), 'calls', '', dealer, 1
    from tracked_calls(run = {run:UInt32}, timezone = {timezone:String}, since = 0)
    union all
    select
        toDate(at, {timezone:String}), transform(kind, ['lead', 'visit', 'sale'], ['leads', 'visits', 'sales'], ''), '',
        dealer, 1
    from conversions_of_run(run = {run:UInt32})
    where kind in ('lead', 'visit', 'sale')
)
select
    t.day as day, t.outcome as outcome,
    lowerUTF8(multiIf(t.region != '', t.region, d.city != '', d.city, t.dealer)) as place, sum(t.times) as times
from told as t
left join dealers_of_run(run = {run:UInt32}) as d on t.dealer = d.dealer
where t.day between {from:Date} and {to:Date} and place != ''
group by day, outcome, place
order by day, outcome, place
