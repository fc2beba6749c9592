select key
from shared_keys
where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
group by key
having argMax(shared, run)
