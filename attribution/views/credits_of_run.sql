select c.*
from (select * from credits where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}) as c
left join
(
    select person, max(run) as replaced_by
    from replaced_journeys
    where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
    group by person
) as r on c.person = r.person
where c.run >= r.replaced_by
