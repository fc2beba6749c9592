-- What a run derived, whichever runs of its base wrote it: all that reads derived rows reads them here.

-- A run and its base, known as soon as it begins.
create view if not exists base_of_run as
select max(base) as base from run_bases where run = {run:UInt32};

create view if not exists replaced_of_run as
select person, max(run) as replaced_by
from replaced_persons
where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
group by person;

create view if not exists event_keys_of_run as
select e.event as event, e.keys as keys, e.kinds as kinds
from (select * from event_keys where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}) as e
left join
(
    select event, max(run) as replaced_by
    from replaced_events
    where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
    group by event
) as r on e.event = r.event
where e.run >= r.replaced_by;

create view if not exists shared_keys_of_run as
select key
from shared_keys
where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
group by key
having argMax(shared, run);

-- The keys of each event that tie. Where two of them are undone by hand, the one that is named later there does not count.
create view if not exists ties_of_run as
with
(
    select groupArray((least(sipHash64(one), sipHash64(other)), greatest(sipHash64(one), sipHash64(other))))
    from untied_keys
    where run = {run:UInt32}
) as untied
select
    event,
    arrayZip(keys, kinds) as named,
    if(
        empty(untied),
        named,
        arrayFold(
            (kept, key) -> if(
                arrayExists(other -> has(untied, (least(key.1, other.1), greatest(key.1, other.1))), kept),
                kept, arrayPushBack(kept, key)),
            named,
            arrayResize(named, 0))
    ) as tied
from event_keys_of_run(run = {run:UInt32});

create view if not exists persons_of_run as
select k.key as key, k.person as person
from (select * from person_keys where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}) as k
left join replaced_of_run(run = {run:UInt32}) as r on k.person = r.person
where k.run >= r.replaced_by;

create view if not exists placed_of_run as
select t.*
from (select * from person_touches where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}) as t
left join replaced_of_run(run = {run:UInt32}) as r on t.person = r.person
where t.run >= r.replaced_by;

create view if not exists touches_of_run as
select person, at, id, origin, direct, dealer, session, is_visit
from placed_of_run(run = {run:UInt32})
where counts;

create view if not exists conversions_of_run as
select c.*
from (select * from conversions where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}) as c
left join replaced_of_run(run = {run:UInt32}) as r on c.person = r.person
where c.run >= r.replaced_by;

create view if not exists credits_of_run as
select c.*
from (select * from credits where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}) as c
left join replaced_of_run(run = {run:UInt32}) as r on c.person = r.person
where c.run >= r.replaced_by;

create view if not exists origins_of_run as
select * from origins where base = (select base from base_of_run(run = {run:UInt32}));

create view if not exists sessions_of_run as
select date, origin, dealer, brand, sessions
from daily_sessions
where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32};

create view if not exists dealers_of_run as
select * from dealers where run = {run:UInt32};

create view if not exists costs_of_run as
select * from daily_costs where run = {run:UInt32};
