select distinct family, id, reason, excluded
from judged_of_run(run = {run:UInt32})
where found
