-- name: calls_by_hour
-- By dealer, hour of the week, and whether it was of the last weeks: calls, who took them, how long they talked and waited?
--
-- Days that are holidays count as Sundays. `staffed_hours` counts an operator once in each hour of each day in which he
-- answered a call, `manned_hours` the hours in which anybody did who is named. `waited_s` is how long all those waited whose
-- waiting is known, `hung_up` how many of them went unanswered.
with
taken as (
    select
        toDate(c.started_at, {timezone:String}) as day,
        if(has({holidays:Array(Date)}, day), 7, toDayOfWeek(day)) as weekday,
        toHour(c.started_at, {timezone:String}) as hour,
        t.dealer as dealer, c.operator as operator, c.talk_s as talk_s, c.waiting_s as waiting_s,
        multiIf(c.status != '', toString(c.status), ifNull(c.talk_s, 0) > 0, 'answered', '') as state,
        state = 'answered' as is_answered, is_answered and operator != '' as is_named
    from (select * from calls final where direction != 'out') as c
    inner join tracked_calls(run = {run:UInt32}, timezone = {timezone:String}, since = 0) as t on c.id = t.id
    where
        toDate(c.started_at, {timezone:String}) between {from:Date} and {to:Date}
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(t.dealer)))
)
select
    toString(dealer) as dealer, weekday, hour, day >= {recent:Date} as is_recent,
    count() as calls, countIf(is_answered) as answered, countIf(state in ('missed', 'busy', 'failed')) as unanswered,
    uniqExactIf((day, operator), is_named) as staffed_hours, uniqExactIf(day, is_named) as manned_hours,
    countIf(is_answered and talk_s > 0) as talks, sumIf(toFloat64(talk_s), is_answered) as talked_s,
    sumIf(pow(toFloat64(talk_s), 2), is_answered) as talk_squares,
    sum(toFloat64(waiting_s)) as waited_s,
    countIf(not is_answered and waiting_s > 0 and state in ('missed', 'busy', 'failed')) as hung_up
from taken
group by dealer, weekday, hour, is_recent
order by dealer, weekday, hour, is_recent;

-- name: calls_by_day
-- How many calls came to each dealer on each day?
select toString(t.dealer) as dealer, toDate(c.started_at, {timezone:String}) as day, count() as calls
from (select id, started_at from calls final where direction != 'out') as c
inner join tracked_calls(run = {run:UInt32}, timezone = {timezone:String}, since = 0) as t on c.id = t.id
where
    day between {from:Date} and {to:Date}
    and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(t.dealer)))
group by dealer, day
order by dealer, day;

-- name: leads_by_hour
-- How many leads came to each dealer in each hour of the week? Holidays count as Sundays.
select
    toString(dealer) as dealer,
    if(has({holidays:Array(Date)}, toDate(at, {timezone:String})), 7, toDayOfWeek(toDate(at, {timezone:String}))) as weekday,
    toHour(at, {timezone:String}) as hour, count() as leads
from conversions_of_run(run = {run:UInt32})
where
    kind = 'lead' and toDate(at, {timezone:String}) between {from:Date} and {to:Date}
    and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
group by dealer, weekday, hour
order by dealer, weekday, hour
