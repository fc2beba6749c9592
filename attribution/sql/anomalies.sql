-- name: daily_series
-- What did each channel, dealer and contractor, and all together, do on each day?
select
    multiIf(grouping(channel) = 0, 'channel', grouping(dealer) = 0, 'dealer', grouping(contractor) = 0, 'contractor', 'all')
        as subject_kind,
    multiIf(grouping(channel) = 0, channel, grouping(dealer) = 0, dealer, grouping(contractor) = 0, contractor, 'all')
        as subject,
    date,
    sum(cost) as cost, sum(media) as media, sum(sessions) as sessions, sum(leads) as leads, sum(asked) as asked,
    sum(junk) as junk, sum(calls) as calls, sum(missed) as missed
from daily_facts(run = {run:UInt32}, timezone = {timezone:String}, from = {from:Date}, to = {to:Date})
group by grouping sets ((date, channel), (date, dealer), (date, contractor), (date))
having subject not in ('', '(no touch)');

-- name: parts
-- Of what is a subject made: what did each campaign, channel or dealer within it do, before and since?
select
    toString({part:Identifier}) as part,
    sumIf(cost, date <= {before:Date}) as cost_before, sumIf(cost, date >= {since:Date}) as cost_since,
    sumIf(media, date <= {before:Date}) as media_before, sumIf(media, date >= {since:Date}) as media_since,
    sumIf(sessions, date <= {before:Date}) as sessions_before, sumIf(sessions, date >= {since:Date}) as sessions_since,
    sumIf(leads, date <= {before:Date}) as leads_before, sumIf(leads, date >= {since:Date}) as leads_since,
    sumIf(asked, date <= {before:Date}) as asked_before, sumIf(asked, date >= {since:Date}) as asked_since,
    sumIf(junk, date <= {before:Date}) as junk_before, sumIf(junk, date >= {since:Date}) as junk_since,
    sumIf(calls, date <= {before:Date}) as calls_before, sumIf(calls, date >= {since:Date}) as calls_since,
    sumIf(missed, date <= {before:Date}) as missed_before, sumIf(missed, date >= {since:Date}) as missed_since
from daily_facts(run = {run:UInt32}, timezone = {timezone:String}, from = {from:Date}, to = {to:Date})
where {subject:String} = 'all' or toString({subject_kind:Identifier}) = {subject:String}
group by part
having part not in ('', '(no touch)');

-- name: daily_sources
-- How many events did each connected source tell of on each day?
with
told as (
    select toDate(occurred_at, {timezone:String}) as date, properties from touches
    where toDate(occurred_at, {timezone:String}) between {from:Date} and {to:Date}
    union all
    select toDate(started_at, {timezone:String}), properties from calls
    where toDate(started_at, {timezone:String}) between {from:Date} and {to:Date}
    union all
    select toDate(created_at, {timezone:String}), properties from leads
    where toDate(created_at, {timezone:String}) between {from:Date} and {to:Date}
    union all
    select toDate(occurred_at, {timezone:String}), properties from deals
    where toDate(occurred_at, {timezone:String}) between {from:Date} and {to:Date}
)
select 'source' as subject_kind, JSONExtractString(properties, 'collected_from') as subject, date, count() as events
from told
where position(properties, 'collected_from') > 0
group by subject, date
having subject != '';

-- name: daily_pages
-- How often was each part of each site looked at on each day: the host and the first folder of the address?
with
looked as (
    select toDate(occurred_at, {timezone:String}) as date, url from touches
    where url != '' and toDate(occurred_at, {timezone:String}) between {from:Date} and {to:Date}
    union all
    select toDate(occurred_at, {timezone:String}), url from actions
    where url != '' and name = 'page' and toDate(occurred_at, {timezone:String}) between {from:Date} and {to:Date}
),
places as (
    select date, concat(domainWithoutWWW(url), '/', splitByChar('/', path(url))[2]) as place from looked
)
select 'page' as subject_kind, place as subject, date, count() as events
from places
where place in (select place from places group by place order by count() desc limit 300)
group by subject, date
