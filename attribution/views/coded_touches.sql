-- The touches that promo codes and tracked addresses are, in the columns of `touch_candidates`: of their own, beside the
-- visit that brought the lead, unless the lead itself says the same.
select
    'codes' as family, concat(way, ':', kind, ':', about) as id, at, concat(kind, ':', about) as key, '' as session_id,
    says.2 as source, says.3 as medium, says.4 as campaign, '' as content, '' as term, says.5 as contractor, '' as device,
    '' as region, if(dealer != '', dealer, says.1) as dealer, '' as clicks, '' as referrer_host, version
from named_codes
where run = {run:UInt32} and is_touch and concat(says.2, says.3, says.4) != '' and own != (says.2, says.3, says.4)
