select date, origin, dealer, brand, sessions
from daily_sessions
where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
