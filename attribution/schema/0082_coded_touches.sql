-- Promo codes that are named and addresses that are written to are touches: what they say of where somebody came from.
-- `tracking_numbers` binds them beside numbers: `+74951234567`, `promo:` with the folded code, `mail:` with the address.

-- What a lead or deal named that is bound to a dealer or a source, a row for each: its promo code, and the address that it
-- was written to. `own` is what it says itself of its source, `says` what the binding says: dealer, source, medium,
-- campaign, contractor.
--
-- A code that a deal names is named when it is named first, unless the deal's lead named it. An address says where somebody
-- came from (`is_touch`) only of a lead that comes with neither a visitor nor a source. With `since` those alone are there
-- whom the run's changes concern.
create view if not exists bound_codes as
with
bindings as (
    select number, since as first_day, until, (dealer, source, medium, campaign, contractor) as says
    from tracking_numbers
    where run = {run:UInt32} and match(number, '^(promo|mail):')
),
(select count() from bindings) as are_any,
concerned as (select key from concerned_keys where run = {run:UInt32}),
wanted_deals as (
    select *
    from deals final
    where are_any > 0 and ({since:Int64} = 0 or sipHash64(concat('deal:', deal_id)) in concerned)
),
wanted_leads as (
    select *
    from leads final
    where
        are_any > 0
        and ({since:Int64} = 0 or sipHash64(concat('lead:', id)) in concerned or id in (select lead_id from wanted_deals))
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
    way, kind, about, any(at) as at, any(dealer) as dealer, any(own) as own, any(is_touch) as is_touch,
    any(version) as version, argMax(says, (first_day, until, says)) as says
from
(
    select n.*, b.says as says, b.first_day as first_day, b.until as until
    from named as n
    inner join bindings as b on n.number = b.number
    where toDate(n.at, {timezone:String}) between b.first_day and b.until
)
group by way, kind, about;

-- The touches that promo codes and tracked addresses are, in the columns of `touch_candidates`: of their own, beside the
-- visit that brought the lead, unless the lead itself says the same.
create view if not exists coded_touches as
select
    'codes' as family, concat(way, ':', kind, ':', about) as id, at, concat(kind, ':', about) as key, '' as session_id,
    says.2 as source, says.3 as medium, says.4 as campaign, '' as content, '' as term, says.5 as contractor, '' as device,
    '' as region, if(dealer != '', dealer, says.1) as dealer, '' as clicks, '' as referrer_host, version
from bound_codes(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64})
where is_touch and concat(says.2, says.3, says.4) != '' and own != (says.2, says.3, says.4);

drop view if exists touch_candidates;

-- What may be a touch and has no person yet: visits, leads and calls that bring a source of their own, and what codes and
-- addresses say of leads and deals. `since`, in ms since 1970, leaves those out that have not changed since then. A
-- referrer of the same site says nothing.
create view if not exists touch_candidates as
select
    'touches' as family, id, occurred_at as at, concat('visitor:', visitor_id) as key, session_id,
    source, medium, campaign, content, term, contractor, device, region, dealer,
    arrayStringConcat(arraySort(mapKeys(click_ids)), ',') as clicks,
    if(domainWithoutWWW(referrer) = domainWithoutWWW(url), '', domainWithoutWWW(referrer)) as referrer_host,
    received_at as version
from touches final
prewhere loaded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
where id not in (select id from noise_of_run(run = {run:UInt32}) where family = 'touches' and excluded)
union all
select
    'leads', id, created_at, concat('lead:', id), session_id, source, medium, campaign, content, term,
    '', '', '', dealer, '', '', received_at
from leads final
where
    (source != '' or medium != '' or campaign != '')
    and id not in (select id from noise_of_run(run = {run:UInt32}) where family = 'leads' and excluded)
    and (
        {since:Int64} = 0
        or id in (select id from leads where loaded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')))
union all
select
    'calls', id, at, concat('call:', id), session_id, source, medium, campaign, content, term,
    contractor, '', '', dealer, '', '', version
from tracked_calls(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64})
where source != '' or medium != '' or campaign != ''
union all
select *
from coded_touches(run = {run:UInt32}, timezone = {timezone:String}, since = {since:Int64});
