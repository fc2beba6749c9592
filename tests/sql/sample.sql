-- name: touch_channels
-- Which channel has each touch?
select t.id as id, o.channel as channel
from touches_of_run(run = {run:UInt32}) as t
inner join origins_of_run(run = {run:UInt32}) as o on t.origin = o.origin;

-- name: journeys
-- Which visits does each conversion's journey hold, in order?
select kind, c.id as id, arrayMap(t -> t.2, arraySort(groupArrayIf((t.at, t.id), startsWith(t.id, 't-')
    and t.at between c.window_from and c.window_to))) as touches
from conversions_of_run(run = {run:UInt32}) as c
left join touches_of_run(run = {run:UInt32}) as t on c.person = t.person
group by kind, id;

-- name: cost_parts
-- How much is there of each part of cost?
select part, sum(cost) as cost from daily_costs where run = {run:UInt32} group by part
