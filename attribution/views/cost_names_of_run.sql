select * from cost_names where run = {run:UInt32}
