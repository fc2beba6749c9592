-- A run and its base, known as soon as it begins.
select max(base) as base from run_bases where run = {run:UInt32}
