-- With what touch each person was first met, in the columns of `beginnings_of_run`: a touch is of no kind and no product.
create view if not exists first_touches_of_run as
select
    'touch' as start, t.first_id as id, t.person as person, t.first_at as begun_at, toDate(t.first_at, {timezone:String}) as begun_day,
    toStartOfMonth(begun_day) as month, t.first_dealer as dealer, b.brand as brand, '' as kind, '' as product,
    o.channel as first_channel, o.source as first_source, o.campaign as first_campaign, o.contractor as contractor
from
(
    select
        person, min(at) as first_at, argMin(id, (at, id)) as first_id, argMin(origin, (at, id)) as first_origin,
        argMin(dealer, (at, id)) as first_dealer
    from touches_of_run(run = {run:UInt32})
    group by person
) as t
left join origins_of_run(run = {run:UInt32}) as o on t.first_origin = o.origin
left join (select dealer, brand from dealers_of_run(run = {run:UInt32})) as b on t.first_dealer = b.dealer;
