-- name: create_linear_credits
-- Where the hand-written query writes to: only what it needs.
create table if not exists linear_credits
(
    kind LowCardinality(String),
    conversion String,
    origin UInt64,
    share Float64,
    revenue Float64
)
engine = MergeTree
order by (kind, conversion);

-- name: forget_linear_credits
-- Empty it before each round.
truncate table linear_credits;

-- name: forget_credits
-- Empty the run's credits before each round.
alter table credits drop partition {base:UInt32};

-- name: linear
-- Linear credit as one would write it by hand: join, count, divide.
insert into linear_credits
with
journeys as (
    select c.kind as kind, c.id as id, c.revenue as revenue, t.origin as origin
    from (select * from conversions where base = {run:UInt32}) as c
    inner join
    (
        select person, at, origin
        from person_touches
        where base = {run:UInt32} and counts and person in (select person from conversions where base = {run:UInt32})
    ) as t on c.person = t.person
    where t.at between c.window_from and c.window_to
)
select kind, id, origin, 1 / count() over (partition by kind, id), toFloat64(revenue) / count() over (partition by kind, id)
from journeys
