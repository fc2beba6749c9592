-- name: visits_of_visitor
-- Which visits did a visitor make, newest first, from where, and how many pages were looked at in each?
with
seen as (
    select * from touches where visitor_id = {visitor:String} order by received_at desc limit 1 by id
),
visits as (
    select
        if(session_id = '', id, session_id) as session_id,
        min(occurred_at) as began_at,
        argMin((source, medium, campaign, content, term), (source = '' and medium = '', occurred_at, id)) as marks,
        argMin((referrer, url), (occurred_at, id)) as place,
        arraySort(groupUniqArrayArray(mapKeys(click_ids))) as clicks,
        anyIf(device, device != '') as device,
        anyIf(region, region != '') as region
    from seen
    group by session_id
),
looks as (
    select session_id, uniqExact(id) as pages
    from actions
    where visitor_id = {visitor:String} and name = 'page'
    group by session_id
)
select
    visits.session_id as session_id, began_at, marks.1 as source, marks.2 as medium, marks.3 as campaign,
    marks.4 as content, marks.5 as term, place.1 as referrer, place.2 as url, clicks, device, region,
    1 + looks.pages as pages
from visits
left join looks on looks.session_id = visits.session_id
order by began_at desc, session_id
limit 1000

-- name: pages_of_visit
-- Which pages did a visit look at, in order, of so many newest ones?
select at, url, title
from
(
    select occurred_at as at, id, url, JSONExtractString(properties, 'title') as title
    from touches
    where visitor_id = {visitor:String} and if(session_id = '', id, session_id) = {session:String} and url != ''
    order by received_at desc
    limit 1 by id
    union all
    select occurred_at, id, url, JSONExtractString(properties, 'title')
    from actions
    where visitor_id = {visitor:String} and session_id = {session:String} and name = 'page'
    order by received_at desc
    limit 1 by id
)
order by at desc, id
limit {most:UInt32}

-- name: session_at
-- Which visit was a visitor at, or at last before a moment, in milliseconds?
select argMax(if(session_id = '', id, session_id), occurred_at)
from touches
where visitor_id = {visitor:String} and occurred_at <= fromUnixTimestamp64Milli({at:Int64})
