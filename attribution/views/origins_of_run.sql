select * from origins where base = (select base from base_of_run(run = {run:UInt32}))
