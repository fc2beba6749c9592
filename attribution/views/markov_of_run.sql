-- Credit with Markov's shares beside the others: each conversion is divided among its touches in proportion to the removal
-- effects of their channels, or evenly where all of these are 0. Weights are whole, so that neighbours' sums are the same.
select
    * except (weight, weight_upto, weights, touches),
    multiIf(
        place <= 1, 0,
        weights = 0, intDiv(1000000000 * (place - 1), touches),
        toUInt32(round(1000000000 * ((weight_upto - weight) / weights)))) as markov_before,
    multiIf(
        place = 0 or place = touches, 1000000000,
        weights = 0, intDiv(1000000000 * place, touches),
        toUInt32(round(1000000000 * (weight_upto / weights)))) as markov
from
(
    select
        c.*, toUInt64(round(1e14 * e.effect)) as weight,
        sum(weight) over (journey rows between unbounded preceding and current row) as weight_upto,
        sum(weight) over (journey rows between unbounded preceding and unbounded following) as weights,
        count() over (journey rows between unbounded preceding and unbounded following) as touches
    from credits_of_run(run = {run:UInt32}) as c
    left any join
    (
        select r.kind as kind, o.origin as origin, r.effect as effect
        from (select * from removal_effects final where run = {run:UInt32}) as r
        inner join origins_of_run(run = {run:UInt32}) as o on r.channel = o.channel
    ) as e on c.kind = e.kind and c.origin = e.origin
    window journey as (partition by c.person, c.kind, c.conversion order by c.place)
)
