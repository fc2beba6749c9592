-- The newest that was said of each event, by the run or those that it goes on from.
select
    family, id, reason, held, argMax(n.at, n.run) as at, argMax(n.excluded, n.run) as excluded,
    argMax(n.found, n.run) as found
from noise as n
where n.base = (select base from base_of_run(run = {run:UInt32})) and n.run <= {run:UInt32}
group by family, id, reason, held
