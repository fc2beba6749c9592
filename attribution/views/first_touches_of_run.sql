-- With what touch each person was first met, in the columns of `beginnings_of_run`: a touch is of no kind and no product.
select
    'touch' as start, t.id as id, t.person as person, t.at as begun_at, toDate(t.at, {timezone:String}) as begun_day,
    toStartOfMonth(begun_day) as month, t.dealer as dealer, b.brand as brand, '' as kind, '' as product,
    o.channel as first_channel, o.source as first_source, o.campaign as first_campaign, o.contractor as contractor
from
(
    select person, at, id, origin, dealer
    from touches_of_run(run = {run:UInt32})
    order by person, at, id
    limit 1 by person
) as t
left join origins_of_run(run = {run:UInt32}) as o on t.origin = o.origin
left join (select dealer, brand from dealers_of_run(run = {run:UInt32})) as b on t.dealer = b.dealer
