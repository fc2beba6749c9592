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
where o.run >= r.replaced_by
