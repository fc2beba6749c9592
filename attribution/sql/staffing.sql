-- name: staffing
-- How many calls came in each hour of the day, or each weekday, how many of them were answered, and by how many people?
--
-- Somebody is at work in an hour who answers a call in it: `staffed_hours` counts an operator of a dealer once in each hour of
-- each day, and `named` the answered calls whose operator is known. `first_day` and `last_day` are those of all calls.
with
taken as (
    select
        toDate(c.started_at, {timezone:String}) as day, toDayOfWeek(day) as weekday_number,
        concat(toString(weekday_number), ' ', dateName('weekday', day)) as weekday,
        leftPad(toString(toHour(c.started_at, {timezone:String})), 2, '0') as hour,
        t.dealer as dealer, c.operator as operator, '' as everything,
        multiIf(c.status != '', toString(c.status), ifNull(c.talk_s, 0) > 0, 'answered', '') as state
    from (select * from calls final where direction != 'out') as c
    inner join tracked_calls(run = {run:UInt32}, timezone = {timezone:String}, since = 0) as t on c.id = t.id
    where toDate(c.started_at, {timezone:String}) between {from:Date} and {to:Date}
),
seen as (
    select *, toString({by:Identifier}) as one, toString({then_by:Identifier}) as other
    from taken
    where {sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer))
)
select
    one, other, grouping(one) as is_total, count() as calls,
    countIf(state = 'answered') as answered, countIf(state in ('missed', 'busy', 'failed')) as unanswered,
    countIf(state = 'answered' and operator != '') as named,
    uniqExactIf((day, hour, dealer, operator), state = 'answered' and operator != '') as staffed_hours,
    min(day) as first_day, max(day) as last_day
from seen
group by grouping sets ((one, other), ())
order by is_total, one, other
