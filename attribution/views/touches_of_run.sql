select person, at, id, origin, direct, dealer, session, is_visit
from placed_of_run(run = {run:UInt32})
where counts
