select c.*
from (select * from conversions where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}) as c
left join replaced_of_run(run = {run:UInt32}) as r on c.person = r.person
where c.run >= r.replaced_by
