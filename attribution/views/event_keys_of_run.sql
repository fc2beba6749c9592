select e.event as event, e.keys as keys, e.kinds as kinds
from (select * from event_keys where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}) as e
left join
(
    select event, max(run) as replaced_by
    from replaced_events
    where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
    group by event
) as r on e.event = r.event
where e.run >= r.replaced_by
