select distinct version, reason, action, most, seconds from noise_rules where run = {run:UInt32}
