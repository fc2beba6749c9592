select t.*
from (select * from person_touches where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}) as t
left join
(
    select touch, max(run) as replaced_by
    from replaced_touches
    where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
    group by touch
) as r on t.touch = r.touch
where t.run >= r.replaced_by
