-- What happened on each day in the account's time zone, by where it came from: money in whole units, media without fees.
-- Leads are those that reports count; `asked` are all that asked by form or otherwise, of which `junk`; `calls` all
-- incoming calls, of which `missed`. What asked came from its person's last touch before, of the last ninety days.
with
noisy as (
    select family, id from noise_of_run(run = {run:UInt32}) where excluded
),
came as (
    select
        id, sipHash64(concat('lead:', id)) as key, created_at as at, dealer, 1 as asked, status = 'junk' as junk, 0 as calls,
        0 as missed
    from leads final
    where
        status != 'duplicate' and toDate(created_at, {timezone:String}) between {from:Date} and {to:Date}
        and id not in (select id from noisy where family = 'leads')
    union all
    select id, sipHash64(concat('call:', id)), started_at, dealer, 0, 0, 1, status in ('missed', 'busy')
    from calls final
    where
        direction != 'out'
        and toDate(started_at, {timezone:String}) between {from:Date} and {to:Date}
        and id not in (select id from noisy where family = 'calls')
),
came_of_persons as (
    select came.*, if(known.key = 0, came.key, known.person) as person
    from came
    left any join persons_of_run(run = {run:UInt32}) as known on came.key = known.key
),
brought as (
    select person, at, origin, id, dealer
    from touches_of_run(run = {run:UInt32})
    where not direct and person in (select person from came_of_persons)
),
placed as (
    select
        c.at as at, c.asked as asked, c.junk as junk, c.calls as calls, c.missed as missed,
        if(c.dealer = '' and b.id = c.id, b.dealer, c.dealer) as dealer,
        if(b.at >= c.at - toIntervalDay(90), b.origin, 0) as origin
    from came_of_persons as c
    asof left join brought as b on c.person = b.person and c.at >= b.at
),
facts as (
    select
        date, origin, dealer, toFloat64(cost) as cost, if(part = 'media', toFloat64(cost), 0) as media, 0 as sessions,
        toFloat64(0) as leads, 0 as asked, 0 as junk, 0 as calls, 0 as missed
    from costs_of_run(run = {run:UInt32})
    where date between {from:Date} and {to:Date}
    union all
    select date, origin, dealer, 0, 0, sessions, 0, 0, 0, 0, 0
    from sessions_of_run(run = {run:UInt32})
    where date between {from:Date} and {to:Date}
    union all
    select
        date, origin, dealer, 0, 0, 0,
        (toInt64(last_non_direct) - toInt64(last_non_direct_before)) / 1e9, 0, 0, 0, 0
    from credits_of_run(run = {run:UInt32})
    where kind = 'lead' and date between {from:Date} and {to:Date}
    union all
    select toDate(at, {timezone:String}), origin, dealer, 0, 0, 0, 0, asked, junk, calls, missed
    from placed
)
select
    f.date as date, if(o.channel = '', '(no touch)', o.channel) as channel, o.campaign as campaign, f.dealer as dealer,
    o.contractor as contractor, sum(f.cost) as cost, sum(f.media) as media, sum(f.sessions) as sessions,
    sum(f.leads) as leads, sum(f.asked) as asked, sum(f.junk) as junk, sum(f.calls) as calls, sum(f.missed) as missed
from facts as f
left join origins_of_run(run = {run:UInt32}) as o on f.origin = o.origin
group by date, channel, campaign, dealer, contractor
