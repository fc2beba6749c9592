-- Leads of a run, and how far each came: which stages its person reached at its dealer from then on, before the person's
-- next lead there. A stage that names no dealer is of whichever. Who came further than a stage has passed it.
with
asked as (
    select id, person, at, dealer, brand, product
    from conversions_of_run(run = {run:UInt32})
    where kind = 'lead'
),
stages as (
    select person, dealer, at, indexOf(['qualified', 'visit', 'sale'], kind) as stage
    from conversions_of_run(run = {run:UInt32})
    where kind in ('qualified', 'visit', 'sale')
),
reached as (
    select a.id as id, a.person as person, max(s.stage) as furthest
    from stages as s
    asof inner join (select *, arrayJoin(arrayDistinct([dealer, ''])) as asked_dealer from asked) as a
        on s.person = a.person and s.dealer = a.asked_dealer and s.at >= a.at
    group by id, person
)
select
    a.id as id, a.person as person, a.at as at, a.dealer as dealer, a.brand as brand, a.product as product,
    r.furthest >= 1 as is_qualified, r.furthest >= 2 as is_visit, r.furthest = 3 as is_sale
from asked as a
left join reached as r on a.id = r.id and a.person = r.person
