select * from daily_costs where run = {run:UInt32}
