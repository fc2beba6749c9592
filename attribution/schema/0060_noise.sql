-- Events that are bots, clicks counted twice, floods of calls and forged leads: which, why, and whether they count.

create table if not exists noise
(
    run UInt32,
    family LowCardinality(String),
    id String,
    reason LowCardinality(String),
    excluded Bool
)
engine = MergeTree
partition by run
order by (family, id, reason);

-- The rules by which a run found its noise.
create table if not exists noise_rules
(
    run UInt32,
    version UInt32,
    reason LowCardinality(String),
    action LowCardinality(String),
    most UInt32,
    seconds UInt32
)
engine = MergeTree
partition by run
order by reason;

create view if not exists noise_of_run as
select family, id, reason, excluded from noise where run = {run:UInt32};

create view if not exists noise_rules_of_run as
select version, reason, action, most, seconds from noise_rules where run = {run:UInt32};

-- Clicks that count, by day in the account's time zone and by where they came from.
create view if not exists clicks_of_run as
select
    toDate(t.at, {timezone:String}) as day, o.channel as channel, t.dealer as dealer, o.contractor as contractor,
    o.source as source, o.medium as medium, o.campaign as campaign, count() as clicks
from touches_of_run(run = {run:UInt32}) as t
inner join (select * from origins_of_run(run = {run:UInt32}) where channel != 'direct') as o on t.origin = o.origin
where t.session != 0
group by day, channel, dealer, contractor, source, medium, campaign;
