-- name: keys_of_customer
-- Which keys are tied to any of these, themselves included, and is any of them one that too many share?
with
asked as (select arrayJoin(arrayMap(key -> sipHash64(key), {keys:Array(String)})) as key),
persons as (
    select distinct if(known.person = 0, asked.key, known.person) as person
    from asked
    left join (select key, person from persons_of_run(run = {run:UInt32}) where key in asked) as known on asked.key = known.key
)
select
    arrayDistinct(arrayConcat(
        groupArray(key), (select groupArray(person) from persons), (select groupArray(asked.key) from asked))) as tied,
    (select count() from shared_keys_of_run(run = {run:UInt32}) where key in asked) as shared
from persons_of_run(run = {run:UInt32})
where person in persons;

-- name: leads_of_customer
-- Which leads came from whoever has these keys, the newest first?
select id, created_at as at, kind, name, phone, email, dealer, product, status, manager, first_response_at, visitor_id
from leads final
where
    (has({tied:Array(UInt64)}, sipHash64(concat('lead:', id)))
        or (phone != '' and has({tied:Array(UInt64)}, sipHash64(concat('phone:', phone))))
        or (email != '' and has({tied:Array(UInt64)}, sipHash64(concat('email:', email)))))
    and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
order by at desc, id
limit {most:UInt32};

-- name: deals_of_customer
-- Where does each deal stand of whoever has these keys, the newest first? Its stages with the time each was reached.
select
    d.deal_id as id,
    max(d.occurred_at) as at,
    argMax(d.stage, d.occurred_at) as stage,
    arrayMap(each -> (each.1, each.2), arraySort(groupArray((d.occurred_at, d.stage)))) as stages,
    argMaxIf(d.kind, d.occurred_at, d.kind != '') as kind,
    argMaxIf(d.dealer, d.occurred_at, d.dealer != '') as dealer,
    argMaxIf(d.manager, d.occurred_at, d.manager != '') as manager,
    argMaxIf(d.product, d.occurred_at, d.product != '') as product,
    argMaxIf(d.amount, d.occurred_at, d.amount is not null) as amount,
    argMaxIf(d.currency, d.occurred_at, d.currency != '') as currency,
    argMaxIf(d.lost_reason, d.occurred_at, d.lost_reason != '') as lost_reason,
    argMaxIf(d.contact.phone, d.occurred_at, d.contact.phone != '') as phone,
    argMaxIf(d.contact.email, d.occurred_at, d.contact.email != '') as email
from deals as d final
where
    has({tied:Array(UInt64)}, sipHash64(concat('deal:', deal_id)))
    or (lead_id != '' and has({tied:Array(UInt64)}, sipHash64(concat('lead:', lead_id))))
    or (contact.crm_id != '' and has({tied:Array(UInt64)}, sipHash64(concat('crm:', contact.crm_id))))
    or (contact.phone != '' and has({tied:Array(UInt64)}, sipHash64(concat('phone:', contact.phone))))
    or (contact.email != '' and has({tied:Array(UInt64)}, sipHash64(concat('email:', contact.email))))
group by deal_id
having {sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer))
order by at desc, id
limit {most:UInt32};

-- name: calls_of_customer
-- Which calls were there with whoever has these keys, the newest first?
select id, started_at as at, caller as phone, status, talk_s, dealer, operator
from calls final
where
    (has({tied:Array(UInt64)}, sipHash64(concat('phone:', caller))) or has({tied:Array(UInt64)}, sipHash64(concat('call:', id))))
    and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
order by at desc, id
limit {most:UInt32};

-- name: touches_of_customer
-- What brought whoever has these keys, the newest first?
select t.at as at, o.channel as channel, o.source as source, o.medium as medium, o.campaign as campaign, o.term as term
from
(
    select at, id, origin from touches_of_run(run = {run:UInt32}) where has({tied:Array(UInt64)}, person)
    order by at desc, id
    limit {most:UInt32}
) as t
any left join origins_of_run(run = {run:UInt32}) as o on t.origin = o.origin
order by at desc, t.id;

-- name: newest_leads
-- Which leads came last?
select id, created_at as at, kind, name, phone, email, dealer, product, status, manager, first_response_at, visitor_id
from leads final
where {sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer))
order by at desc, id
limit {most:UInt32};
