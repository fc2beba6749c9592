-- name: are_any_bound
-- Are any promo codes or addresses bound to a dealer or a source?
select count() > 0 from tracking_numbers where run = {run:UInt32} and match(number, '^(promo|mail):');

-- name: bind_codes
-- Which leads and deals named one of them?
--
-- A code that a deal names is named when it is named first, unless the deal's lead named it. An address says where somebody
-- came from (`is_touch`) only of a lead that comes with neither a visitor nor a source. With `since` those alone are asked
-- whom the run's changes concern.
insert into named_codes (run, way, kind, about, at, dealer, own, is_touch, version, says)
with
bindings as (
    select number, since as first_day, until, (dealer, source, medium, campaign, contractor) as says
    from tracking_numbers
    where run = {run:UInt32} and match(number, '^(promo|mail):')
),
concerned as (select family, id, about from concerned_events where run = {run:UInt32}),
wanted_deals as (
    select *
    from deals final
    where
        {since:Int64} = 0
        or id in (select id from concerned where family = 'deals')
        and deal_id in (select about from concerned where family = 'deals')
),
wanted_leads as (
    select *
    from leads final
    where
        ({since:Int64} = 0 or id in (select id from concerned where family = 'leads'))
        and id not in (select id from noise_of_run(run = {run:UInt32}) where family = 'leads' and excluded)
),
said as (
    select
        'lead' as kind, id as about, created_at as at, dealer, (source, medium, campaign) as own, '' as lead_id,
        JSONExtractString(properties, 'promo_code') as code, received_at as version
    from wanted_leads
    union all
    select
        'deal', deal_id, minIf(occurred_at, code != ''), argMaxIf(dealer, (occurred_at, id), dealer != ''), ('', '', ''),
        argMaxIf(lead_id, (occurred_at, id), lead_id != ''), argMinIf(code, (occurred_at, id), code != ''),
        max(received_at)
    from (select *, JSONExtractString(properties, 'promo_code') as code from wanted_deals)
    group by deal_id
),
coded as (
    select
        *,
        concat(
            'promo:',
            translateUTF8(
                upperUTF8(replaceRegexpAll(code, '[^\\p{L}\\p{N}]', '')), 'АВЕЁКМНОРСТУХІЅЈ', 'ABEEKMHOPCTYXISJ')
        ) as number
    from said
    where code != ''
),
named as (
    select 'promo' as way, kind, about, at, dealer, own, number, true as is_touch, version
    from coded
    where lead_id = '' or (lead_id, number) not in (select about, number from coded where kind = 'lead')
    union all
    select
        'mail', 'lead', id, created_at, dealer, (source, medium, campaign),
        concat('mail:', JSONExtractString(properties, 'sent_to')),
        visitor_id = '' and session_id = '' and source = '' and medium = '' and campaign = '', received_at
    from wanted_leads
    where JSONExtractString(properties, 'sent_to') != ''
)
select
    {run:UInt32}, way, kind, about, any(at) as at, any(dealer) as dealer, any(own) as own, any(is_touch) as is_touch,
    any(version) as version, argMax(says, (first_day, until, says)) as says
from
(
    select n.*, b.says as says, b.first_day as first_day, b.until as until
    from named as n
    inner join bindings as b on n.number = b.number
    where toDate(n.at, {timezone:String}) between b.first_day and b.until
)
group by way, kind, about
