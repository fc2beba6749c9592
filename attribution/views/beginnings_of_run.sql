-- With what each person began: the first lead and the first sale, each with the first touch of its journey.
select
    b.start as start, b.id as id, b.person as person, b.at as begun_at, toDate(b.at, {timezone:String}) as begun_day,
    toStartOfMonth(begun_day) as month, b.dealer as dealer, b.brand as brand, b.deal_kind as kind, b.product as product,
    if(f.origin = 0, '(no touch)', o.channel) as first_channel, if(f.origin = 0, '(no touch)', o.source) as first_source,
    if(f.origin = 0, '(no touch)', o.campaign) as first_campaign, if(f.origin = 0, '(no touch)', o.contractor) as contractor
from
(
    select kind as start, id, person, at, dealer, brand, deal_kind, product
    from conversions_of_run(run = {run:UInt32})
    where start in ('lead', 'sale') and repeat = 'first-time'
) as b
left any join
(
    select kind as start, conversion, origin
    from credits_of_run(run = {run:UInt32})
    where start in ('lead', 'sale') and first != first_before
) as f
    on b.start = f.start and b.id = f.conversion
left join origins_of_run(run = {run:UInt32}) as o on f.origin = o.origin
