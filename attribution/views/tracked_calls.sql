-- Incoming calls that are no excluded noise.
select * except (is_outgoing)
from heard_calls(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64})
where not is_outgoing and id not in (select id from noise_of_run(run = {run:UInt32}) where family = 'calls' and excluded)
