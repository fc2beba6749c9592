select person, max(run) as replaced_by
from replaced_persons
where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
group by person
