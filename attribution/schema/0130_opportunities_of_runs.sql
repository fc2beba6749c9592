-- Opportunities are found once a run, as conversions are: reports read rows instead of finding them anew.

truncate table if exists attribution_runs;

-- Each lead with the deals that came of it, and each deal that came of no lead.
--
-- `seen_at` is the first moment at which any of its deals was said to be in each of lead, qualified, appointment, visit,
-- test_drive, contract and sale, null where none was; a sale that was lost afterwards is none. `reached_at` is the same,
-- but who was seen in a later stage has reached qualified, visit and contract too. `state` is sold (a sale stands), lost
-- (every deal was lost) or open. `responded_at` is when the dealer first dealt with it. Amounts are those of sold deals,
-- else of the furthest open deal, null where nobody said. Days and hours are the account's.
create table if not exists opportunities
(
    base UInt32,
    run UInt32,
    id String,
    has_lead Bool,
    person UInt64,
    at DateTime64(3, 'UTC'),
    day Date,
    hour UInt8,
    dealer LowCardinality(String),
    manager LowCardinality(String),
    product LowCardinality(String),
    kind LowCardinality(String),
    is_service Bool,
    deals UInt32,
    seen_at Array(Nullable(DateTime64(3, 'UTC'))),
    reached_at Array(Nullable(DateTime64(3, 'UTC'))),
    credited_kind LowCardinality(String),
    state LowCardinality(String),
    lost_at Nullable(DateTime64(3, 'UTC')),
    lost_reason LowCardinality(String),
    amount Nullable(Decimal(18, 4)),
    margin Nullable(Decimal(18, 4)),
    responded_at Nullable(DateTime64(3, 'UTC')),
    is_missed Bool
)
engine = MergeTree
partition by base
order by day;

drop view if exists opportunities_of_run;

create view if not exists opportunities_of_run as
select
    o.id as id, o.has_lead as has_lead, o.person as person, o.at as at, o.day as day, toMonday(o.day) as week,
    toStartOfMonth(o.day) as month, concat(toString(toDayOfWeek(o.day)), ' ', dateName('weekday', o.day)) as weekday,
    leftPad(toString(o.hour), 2, '0') as hour, o.dealer as dealer, b.brand as brand, o.manager as manager,
    o.product as product, o.kind as kind, o.is_service as is_service, o.deals as deals, o.seen_at as seen_at,
    o.reached_at as reached_at, o.credited_kind as credited_kind, o.state as state, o.lost_at as lost_at,
    o.lost_reason as lost_reason, o.amount as amount, o.margin as margin, o.responded_at as responded_at,
    o.is_missed as is_missed
from
(
    select *
    from opportunities
    where base = (select base from base_of_run(run = {run:UInt32})) and run <= {run:UInt32}
) as o
left join replaced_of_run(run = {run:UInt32}) as r on o.person = r.person
left join (select dealer, brand from dealers_of_run(run = {run:UInt32})) as b on o.dealer = b.dealer
where o.run >= r.replaced_by;
