-- What reports read of a finished run. How rows are stored beneath is the run's own business.

create view if not exists origins_of_run as
select * from origins where run = {run:UInt32};

create view if not exists dealers_of_run as
select * from dealers where run = {run:UInt32};

create view if not exists persons_of_run as
select key, person from person_keys where run = {run:UInt32};

create view if not exists touches_of_run as
select * from person_touches where run = {run:UInt32};

create view if not exists conversions_of_run as
select * from conversions where run = {run:UInt32};

create view if not exists credits_of_run as
select * from credits where run = {run:UInt32};

create view if not exists sessions_of_run as
select * from daily_sessions where run = {run:UInt32};

create view if not exists costs_of_run as
select * from daily_costs where run = {run:UInt32};
