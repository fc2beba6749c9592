-- name: unprocessed_leads
-- Which requests has nobody dealt with, the newest first, and how many are there?
--
-- An opportunity that is open, has had no response, and is older than `unprocessed_hours`. What brought it is the last touch
-- that is not direct. `waiting_hours` are whole, up to the last that is known of the data.
with
fromUnixTimestamp64Milli({until:Int64}, 'UTC') as until,
waiting as (
    select id, at, day, dealer, manager, product, is_missed
    from opportunities_of_run(run = {run:UInt32})
    where
        has_lead and not is_service and state = 'open' and responded_at is null
        and day between {from:Date} and {to:Date} and at <= until - toIntervalHour({unprocessed_hours:UInt32})
        and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
        and ({any_dealer:Bool} or dealer = {dealer:String})
)
select
    w.id as id, toString(toTimeZone(w.at, {timezone:String})) as local_at, w.dealer as dealer, w.manager as manager,
    w.product as product, w.is_missed as is_missed, if(c.origin = 0, '(no touch)', o.channel) as channel,
    if(c.origin = 0, '(no touch)', o.source) as source, if(c.origin = 0, '(no touch)', o.campaign) as campaign,
    toInt64(dateDiff('hour', w.at, until)) as waiting_hours, count() over () as found
from waiting as w
left any join
(
    select conversion, origin
    from credits_of_run(run = {run:UInt32})
    where kind = 'lead' and last_non_direct != last_non_direct_before
) as c on w.id = c.conversion
left join origins_of_run(run = {run:UInt32}) as o on c.origin = o.origin
order by w.at desc, w.id
limit {most:UInt32} offset {offset:UInt32}
