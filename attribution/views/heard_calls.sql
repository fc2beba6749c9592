-- Calls, each with what the tracking number of its line says of it on that day in the account's time zone: the number that
-- was called, or from which an employee dialled. Where two bindings of a number overlap, the one that began last holds. A
-- call that brings a source of its own keeps it.
-- With `since` those alone are there whom the run's changes concern.
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
        or id in (select id from concerned_events where run = {run:UInt32} and family = 'calls')
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
left join bound as b on c.id = b.call
