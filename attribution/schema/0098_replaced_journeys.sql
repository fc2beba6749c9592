-- Who merely came once more is tied as before and has the conversions of before; where the visit lies in the window of one
-- of them, its credit alone is allocated anew. The rows of credit that this makes void are those of `replaced_journeys`.

create table if not exists replaced_journeys
(
    base UInt32,
    run UInt32,
    person UInt64
)
engine = MergeTree
partition by base
order by person;

insert into replaced_journeys (base, run, person) select base, run, person from replaced_persons;

drop view if exists credits_of_run;

create view if not exists credits_of_run as
select c.*
from (select * from credits where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}) as c
left join
(
    select person, max(run) as replaced_by
    from replaced_journeys
    where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
    group by person
) as r on c.person = r.person
where c.run >= r.replaced_by;

drop table if exists placed_touches;

-- Touches before it is known whose they are and which of them count.
create table if not exists placed_touches
(
    run UInt32,
    key UInt64,
    at DateTime64(3, 'UTC'),
    id String,
    touch UInt64,
    version DateTime64(6, 'UTC'),
    origin UInt64,
    direct Bool,
    dealer LowCardinality(String),
    session UInt64,
    is_visit Bool,
    says_nothing Bool,
    counted Bool
)
engine = MergeTree
partition by run
order by tuple();
