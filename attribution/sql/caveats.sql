-- name: journeys_of_period
-- How many conversions of each kind are there in a period, and how many of them have a journey of one touch, or of none?
--
-- By the calendar of touches a conversion counts on the day of its first touch.
select
    kind, countIf(place <= 1) as conversions, countIf(place = 1 and last != last_before) as of_one_touch,
    countIf(place = 0) as of_no_touch
from credits_of_run(run = {run:UInt32})
where
    {calendar:Identifier} between {from:Date} and {to:Date}
    and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
group by kind
having conversions > 0
order by kind
