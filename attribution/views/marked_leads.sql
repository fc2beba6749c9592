-- Leads, with the groups in which rules judge them, by hashes: 0 where there is none.
select
    id, kind, session_id, dealer, toUnixTimestamp64Milli(created_at) as ms,
    if(phone = '' and email = '', 0, cityHash64(if(phone = '', email, phone), dealer)) as of_contact,
    if(phone = '', 0, cityHash64(phone)) as of_phone,
    if(visitor_id = '', 0, cityHash64(visitor_id)) as of_visitor,
    if(session_id = '', 0, cityHash64(session_id)) as of_session
from leads final
