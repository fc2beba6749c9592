select * from dealers where run = {run:UInt32}
