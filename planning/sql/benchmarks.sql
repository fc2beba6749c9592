-- name: funnels_by_way
-- Of the leads of a period that asked for cars, how many came by phone and how many by the internet, and how far?
--
-- Those that were told offline count in neither. A lead that is no lead of its own is a call.
-- Each stage is of those of the stage before; an appointment counts where it was seen, a show where it followed one.
select
    if(r.kind = '' or r.kind = 'call', 'phone', 'internet') as way,
    count() as leads,
    countIf(reached_at[2] is not null) as contacted,
    countIf(reached_at[3] is not null) as appointed,
    countIf(reached_at[3] is not null and reached_at[4] is not null) as shown,
    countIf(reached_at[4] is not null) as visited,
    countIf(reached_at[7] is not null) as sold
from opportunities_of_run(run = {run:UInt32}) as o
left join (select id, kind from leads final) as r on o.id = r.id
where
    o.has_lead and r.kind != 'offline' and not o.is_service and not has({service_kinds:Array(String)}, toString(o.kind))
    and o.day between {from:Date} and {to:Date}
    and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(o.dealer)))
group by way
order by way
