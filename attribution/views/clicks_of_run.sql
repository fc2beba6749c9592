-- Clicks that count, by day in the account's time zone and by where they came from: the site visits with a source.
select
    s.date as day, o.channel as channel, s.dealer as dealer, o.contractor as contractor, o.source as source,
    o.medium as medium, o.campaign as campaign, sum(s.sessions) as clicks
from sessions_of_run(run = {run:UInt32}) as s
inner join (select * from origins_of_run(run = {run:UInt32}) where channel != 'direct') as o on s.origin = o.origin
group by day, channel, dealer, contractor, source, medium, campaign
