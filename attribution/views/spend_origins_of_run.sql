select * from spend_origins where run = {run:UInt32}
