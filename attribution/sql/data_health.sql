-- name: unknown_marks
-- Which sources, media and campaigns does no channel rule know, and how much came by them?
--
-- Leads and sales are in billionths.
with
came as (
    select origin, sum(sessions) as sessions, toInt64(0) as leads, toInt64(0) as sales
    from sessions_of_run(run = {run:UInt32})
    where date between {from:Date} and {to:Date}
    group by origin
    union all
    select
        origin, 0, sumIf(toInt64(last_non_direct) - toInt64(last_non_direct_before), kind = 'lead'),
        sumIf(toInt64(last_non_direct) - toInt64(last_non_direct_before), kind = 'sale')
    from credits_of_run(run = {run:UInt32})
    where origin != 0 and date between {from:Date} and {to:Date}
    group by origin
)
select
    o.source as source, o.medium as medium, o.campaign as campaign, sum(came.sessions) as sessions,
    sum(came.leads) as leads, sum(came.sales) as sales
from came
inner join origins_of_run(run = {run:UInt32}) as o on came.origin = o.origin
where o.channel = {unknown:String}
group by source, medium, campaign
having sessions != 0 or leads != 0 or sales != 0
order by sales desc, leads desc, sessions desc, source, medium, campaign;

-- name: deals_without_contacts
-- Which dealers' deals name nobody: no contact, no visitor, and no lead that would?
with
deals_told as (
    select
        deal_id, argMaxIf(dealer, (occurred_at, id), dealer != '') as dealer, max(occurred_at) as moved_at,
        max(stage = 'sale') as is_sold,
        max(visitor_id != '' or lead_id != '' or contact.crm_id != '' or contact.phone != '' or contact.email != '') as is_named
    from deals final
    group by deal_id
)
select
    if(dealer = '', {none:String}, dealer) as dealer, countIf(not is_named) as nameless, countIf(not is_named and is_sold) as sales,
    count() as deals,
    arrayMap(
        each -> each.2,
        arraySlice(arrayReverseSort(groupArrayIf((moved_at, deal_id), not is_named)), 1, {examples:UInt8})) as examples
from deals_told
where toDate(moved_at, {timezone:String}) between {from:Date} and {to:Date}
group by dealer
having nameless > 0
order by nameless desc, dealer
