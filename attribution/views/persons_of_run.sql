select k.key as key, k.person as person
from (select * from person_keys where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}) as k
left join replaced_of_run(run = {run:UInt32}) as r on k.person = r.person
where k.run >= r.replaced_by
