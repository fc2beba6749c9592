-- name: grow_touches
-- How would the touches be of `times` holdings that have nothing in common but their channels?
insert into touches
select
    * replace (
        concat(id, '-', toString(n)) as id, concat(visitor_id, '-', toString(n)) as visitor_id,
        concat(session_id, '-', toString(n)) as session_id,
        if(user_id = '', '', concat(user_id, '-', toString(n))) as user_id,
        mapApply((name, value) -> (name, concat(value, '-', toString(n))), click_ids) as click_ids)
from touches
array join range(1, {times:UInt8}) as n;

-- name: grow_leads
-- And their leads?
insert into leads
select
    * replace (
        concat(id, '-', toString(n)) as id, if(visitor_id = '', '', concat(visitor_id, '-', toString(n))) as visitor_id,
        if(session_id = '', '', concat(session_id, '-', toString(n))) as session_id,
        if(user_id = '', '', concat(user_id, '-', toString(n))) as user_id,
        if(phone = '', '', concat('+7', leftPad(toString(cityHash64(phone, n) % 10000000000), 10, '0'))) as phone,
        if(email = '', '', concat(toString(n), '-', email)) as email)
from leads
array join range(1, {times:UInt8}) as n;

-- name: grow_calls
-- And their calls?
insert into calls
select
    * replace (
        concat(id, '-', toString(n)) as id, if(visitor_id = '', '', concat(visitor_id, '-', toString(n))) as visitor_id,
        if(session_id = '', '', concat(session_id, '-', toString(n))) as session_id,
        if(
            startsWith(caller, '+'), concat('+7', leftPad(toString(cityHash64(caller, n) % 10000000000), 10, '0')), caller
        ) as caller)
from calls
array join range(1, {times:UInt8}) as n;

-- name: grow_deals
-- And their deals?
insert into deals
select
    * replace (
        concat(id, '-', toString(n)) as id, concat(deal_id, '-', toString(n)) as deal_id,
        if(visitor_id = '', '', concat(visitor_id, '-', toString(n))) as visitor_id,
        if(lead_id = '', '', concat(lead_id, '-', toString(n))) as lead_id,
        tuple(
            if(contact.crm_id = '', '', concat(contact.crm_id, '-', toString(n))),
            if(
                contact.phone = '', '',
                concat('+7', leftPad(toString(cityHash64(contact.phone, n) % 10000000000), 10, '0'))),
            if(contact.email = '', '', concat(toString(n), '-', contact.email))
        ) as contact)
from deals
array join range(1, {times:UInt8}) as n;

-- name: grow_messages
-- And their messages?
insert into messages
select
    * replace (
        concat(id, '-', toString(n)) as id, concat(message_id, '-', toString(n)) as message_id,
        concat(person_id, '-', toString(n)) as person_id)
from messages
array join range(1, {times:UInt8}) as n
