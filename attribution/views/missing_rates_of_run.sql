select * from missing_rates where run = {run:UInt32}
