-- Later events undo noise as they bring it. Rules judge groups of events: of a visitor, a click id, a caller. A run that goes
-- on judges those groups anew to which changed events belong or belonged.

drop table if exists noise;
truncate table if exists attribution_runs;

-- What rules said of events: whether it is noise (`found`), by the newest run that judged it. `held` is the group, by a
-- hash, and `at` the event's time in ms since 1970. An event that is no noise, but on which that of others of its group
-- depends, is here too, so that it is known where it was when it is replaced.
create table if not exists noise
(
    base UInt32,
    run UInt32,
    family LowCardinality(String),
    id String,
    reason LowCardinality(String),
    held UInt64,
    at Int64,
    excluded Bool,
    found Bool
)
engine = MergeTree
partition by base
order by (family, id, reason);

-- The groups that a run judges anew, and when, in ms since 1970, the first of their changed events happened.
create table if not exists noise_groups
(
    run UInt32,
    reason LowCardinality(String),
    held UInt64,
    at Int64
)
engine = MergeTree
partition by run
order by (reason, held);

-- Events that are left out from this run on (`excluded`), or count again.
create table if not exists turned_events
(
    run UInt32,
    family LowCardinality(String),
    id String,
    excluded Bool
)
engine = MergeTree
partition by run
order by (family, id);

-- `came` is false where no new version came, but what rules say of the event has turned.
alter table changed_events add column if not exists came Bool default true;

-- Touches with the groups in which rules judge them, by hashes: 0 where there is none. A click is the same where visitor and
-- campaign are. `latest` asks for the newest version of each, else all versions are there: quicker to look through.
create view if not exists marked_touches as
select
    id, occurred_at, received_at, loaded_at, toUnixTimestamp64Milli(occurred_at) as ms,
    cityHash64(visitor_id) as of_visitor,
    if(session_id = '', 0, cityHash64(session_id)) as of_session,
    source != '' or medium != '' or campaign != '' or notEmpty(click_ids) as is_click,
    if(is_click, cityHash64(visitor_id, source, medium, campaign, arraySort(mapKeys(click_ids))), 0) as of_click,
    arrayFilter(
        (hash, value) -> value != '',
        arrayMap((name, value) -> cityHash64(name, value), mapKeys(click_ids), mapValues(click_ids)),
        mapValues(click_ids)) as of_click_ids,
    if(
        position(properties, '"ip"') > 0,
        if(JSONHas(properties, 'context', 'ip'),
            JSONExtractString(properties, 'context', 'ip'), JSONExtractString(properties, 'ip')),
        '') as address,
    if(address = '', 0, cityHash64(address)) as of_address,
    if(
        position(properties, 'gent"') > 0,
        arrayFirst(
            name -> name != '',
            [
                JSONExtractString(properties, 'context', 'userAgent'), JSONExtractString(properties, 'context', 'user_agent'),
                JSONExtractString(properties, 'user_agent'), JSONExtractString(properties, 'userAgent'),
                JSONExtractString(properties, '$raw_user_agent'), JSONExtractString(properties, '$user_agent')
            ]),
        '') as agent
from
(
    select * from touches where not {latest:Bool}
    union all
    select * from touches final where {latest:Bool}
);

-- Incoming calls of callers who show their number, with the groups in which rules judge them. Blocks of a hundred numbers
-- overlap by half, so that no row of fifty numbers is cut.
create view if not exists marked_calls as
select
    id, toUnixTimestamp64Milli(started_at) as ms, toUInt64OrZero(substring(caller, 2)) as number,
    cityHash64(caller) as of_caller,
    [intDiv(number, 100) * 2 + 2, intDiv(number + 50, 100) * 2 + 3] as of_blocks
from calls final
where direction != 'out' and startsWith(caller, '+');

-- Leads, with the groups in which rules judge them, by hashes: 0 where there is none.
create view if not exists marked_leads as
select
    id, kind, session_id, dealer, toUnixTimestamp64Milli(created_at) as ms,
    if(phone = '' and email = '', 0, cityHash64(if(phone = '', email, phone), dealer)) as of_contact,
    if(phone = '', 0, cityHash64(phone)) as of_phone,
    if(visitor_id = '', 0, cityHash64(visitor_id)) as of_visitor,
    if(session_id = '', 0, cityHash64(session_id)) as of_session
from leads final;

drop view if exists noise_of_run;

-- The newest that was said of each event, by the run or those that it goes on from.
create view if not exists judged_of_run as
select
    family, id, reason, held, argMax(n.at, n.run) as at, argMax(n.excluded, n.run) as excluded,
    argMax(n.found, n.run) as found
from noise as n
where n.base = (select base from base_of_run(run = {run:UInt32})) and n.run <= {run:UInt32}
group by family, id, reason, held;

create view if not exists noise_of_run as
select distinct family, id, reason, excluded
from judged_of_run(run = {run:UInt32})
where found;

drop view if exists heard_calls;

-- Calls, each with what the tracking number of its line says of it on that day in the account's time zone: the number that
-- was called, or from which an employee dialled. Where two bindings of a number overlap, the one that began last holds. A
-- call that brings a source of its own keeps it.
-- `since`, in ms since 1970, leaves those out that have not changed since then.
create view if not exists heard_calls as
with
bindings as (
    select number, since as first_day, until, (dealer, source, medium, campaign, contractor) as says
    from tracking_numbers
    where run = {run:UInt32}
),
wanted as (
    select *
    from calls final
    where
        {since:Int64} = 0
        or id in (select id from changed_events where run = {run:UInt32} and family = 'calls')
),
bound as (
    select c.id as call, argMax(b.says, (b.first_day, b.until, b.says)) as says
    from (select id, if(direction = 'out', caller, called) as line, toDate(started_at, {timezone:String}) as day from wanted) as c
    inner join bindings as b on c.line = b.number
    where c.day between b.first_day and b.until
    group by c.id
)
select
    c.id as id, c.direction = 'out' as is_outgoing, c.started_at as at, c.session_id as session_id, c.operator as operator,
    c.source != '' or c.medium != '' or c.campaign != '' as has_own,
    if(c.dealer != '', c.dealer, b.says.1) as dealer,
    if(has_own, c.source, b.says.2) as source,
    if(has_own, c.medium, b.says.3) as medium,
    if(has_own, c.campaign, b.says.4) as campaign,
    if(has_own, '', b.says.5) as contractor,
    c.content as content, c.term as term, c.received_at as version
from wanted as c
left join bound as b on c.id = b.call;

drop view if exists touch_candidates;

-- What may be a touch and has no person yet: visits, leads and calls that bring a source of their own, and what codes and
-- addresses say of leads and deals. `since`, in ms since 1970, leaves those out that have not changed since then. A
-- referrer of the same site says nothing.
create view if not exists touch_candidates as
with
turned as (
    select id from turned_events where run = {run:UInt32} and family = 'touches'
)
select
    'touches' as family, id, occurred_at as at, concat('visitor:', visitor_id) as key, session_id,
    source, medium, campaign, content, term, contractor, device, region, dealer,
    arrayStringConcat(arraySort(mapKeys(click_ids)), ',') as clicks,
    if(domainWithoutWWW(referrer) = domainWithoutWWW(url), '', domainWithoutWWW(referrer)) as referrer_host,
    received_at as version
from
(
    select * from touches final prewhere loaded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') where id not in turned
    union all
    select * from touches final where id in turned
)
where id not in (
    select id
    from noise_of_run(run = {run:UInt32})
    where
        family = 'touches' and excluded
        and (
            {since:Int64} = 0
            or id in (select id from changed_events where run = {run:UInt32} and family = 'touches')))
union all
select
    'leads', id, created_at, concat('lead:', id), session_id, source, medium, campaign, content, term,
    '', '', '', dealer, '', '', received_at
from leads final
where
    (source != '' or medium != '' or campaign != '')
    and id not in (select id from noise_of_run(run = {run:UInt32}) where family = 'leads' and excluded)
    and (
        {since:Int64} = 0
        or id in (select id from changed_events where run = {run:UInt32} and family = 'leads'))
union all
select
    'calls', id, at, concat('call:', id), session_id, source, medium, campaign, content, term,
    contractor, '', '', dealer, '', '', version
from tracked_calls(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64})
where source != '' or medium != '' or campaign != ''
union all
select *
from coded_touches(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64});
