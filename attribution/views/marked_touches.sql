-- Touches with the groups in which rules judge them, by hashes: 0 where there is none. A click is the same where visitor and
-- campaign are. `latest` asks for the newest version of each, else all versions are there: quicker to look through.
select
    id, occurred_at, received_at, loaded_at, toUnixTimestamp64Milli(occurred_at) as ms,
    cityHash64(visitor_id) as of_visitor,
    if(session_id = '', 0, cityHash64(session_id)) as of_session,
    source != '' or medium != '' or campaign != '' or notEmpty(click_ids) as is_click,
    if(is_click, cityHash64(visitor_id, source, medium, campaign, arraySort(mapKeys(click_ids))), 0) as of_click,
    arrayFilter(
        (hash, value) -> value != '',
        arrayMap((name, value) -> cityHash64(name, value), mapKeys(click_ids), mapValues(click_ids)),
        mapValues(click_ids)) as of_click_ids,
    if(
        position(properties, '"ip"') > 0,
        if(JSONHas(properties, 'context', 'ip'),
            JSONExtractString(properties, 'context', 'ip'), JSONExtractString(properties, 'ip')),
        '') as address,
    if(address = '', 0, cityHash64(address)) as of_address,
    if(
        position(properties, 'gent"') > 0,
        arrayFirst(
            name -> name != '',
            [
                JSONExtractString(properties, 'context', 'userAgent'), JSONExtractString(properties, 'context', 'user_agent'),
                JSONExtractString(properties, 'user_agent'), JSONExtractString(properties, 'userAgent'),
                JSONExtractString(properties, '$raw_user_agent'), JSONExtractString(properties, '$user_agent')
            ]),
        '') as agent
from
(
    select * from touches where not {latest:Bool}
    union all
    select * from touches final where {latest:Bool}
)
