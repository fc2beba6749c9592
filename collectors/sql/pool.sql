-- name: delays
-- Within how many seconds of a visit's beginning did these shares of its calls come, and how many calls were there?
--
-- The smallest delay that at least this share of the calls did not exceed; none where no call is of a visit.
with
visits as (
    select session_id, min(occurred_at) as began
    from touches final
    where startsWith(id, {prefix:String}) and session_id != ''
    group by session_id
),
delays as (
    select dateDiff('second', v.began, c.started_at) as delay
    from (select session_id, started_at from calls final where direction != 'out' and session_id != '') as c
    inner join visits as v on c.session_id = v.session_id
    where
        c.started_at between v.began and v.began + toIntervalDay(1)
        and c.started_at between {since:DateTime64(3)} and {until:DateTime64(3)}
)
select
    count() as calls, arraySort(groupArray(delay)) as sorted,
    arrayMap(share -> sorted[toUInt32(greatest(1, ceil(share * calls)))], {shares:Array(Float64)}) as delays
from delays;

-- name: holdings
-- How many visits were there, how long did they last, and for how many seconds does each need a number on average: through
-- its lease, and at least for each of these delays?
with
visits as (
    select session_id, dateDiff('second', min(at), max(at)) as lasted
    from
    (
        select session_id, occurred_at as at, true as begins from touches final where startsWith(id, {prefix:String})
        union all
        select session_id, occurred_at, false from actions final where startsWith(id, {prefix:String})
    )
    where session_id != ''
    group by session_id
    having countIf(begins) > 0 and minIf(at, begins) between {since:DateTime64(3)} and {until:DateTime64(3)}
)
select
    count() as visits, avg(lasted) as lasted_s,
    avgForEach(arrayMap(delay -> greatest(lasted + {lease_s:UInt32}, delay), {delays:Array(UInt32)})) as needed_s
from visits;

-- name: visits_by_hour
-- How many visits began in each hour that had any?
select toStartOfHour(began) as hour, count() as visits
from
(
    select session_id, min(occurred_at) as began
    from touches final
    where startsWith(id, {prefix:String}) and session_id != ''
    group by session_id
)
where began between {since:DateTime64(3)} and {until:DateTime64(3)}
group by hour
order by hour;

-- name: calls_of_pool
-- How many calls came to these numbers, and of how many is the visit known?
select count() as calls, countIf(session_id != '') as matched
from calls final
where
    direction != 'out' and called in {numbers:Array(String)}
    and started_at between {since:DateTime64(3)} and {until:DateTime64(3)}
