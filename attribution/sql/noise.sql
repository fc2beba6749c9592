-- name: bot
-- Which touches come from programs that say so: of the browser's name, where the event holds it?
insert into noise (base, run, family, id, reason, excluded)
with
told as (
    select
        id,
        arrayFirst(
            agent -> agent != '',
            [
                JSONExtractString(properties, 'context', 'userAgent'), JSONExtractString(properties, 'context', 'user_agent'),
                JSONExtractString(properties, 'user_agent'), JSONExtractString(properties, 'userAgent'),
                JSONExtractString(properties, '$raw_user_agent'), JSONExtractString(properties, '$user_agent')
            ]) as agent
    from touches
    where occurred_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') and position(properties, 'gent"') > 0
)
select distinct {base:UInt32}, {run:UInt32}, 'touches', id, 'bot', {excluded:Bool}
from told
where multiMatchAny(agent, {bots:Array(String)});

-- name: rapid_clicks
-- Which touches belong to a visitor who has more of them within the window than a human can?
insert into noise (base, run, family, id, reason, excluded)
with
busy as (
    select cityHash64(visitor_id) from touches
    where occurred_at >= fromUnixTimestamp64Milli({read_since:Int64}, 'UTC')
    group by cityHash64(visitor_id)
    having count() > {most:UInt32}
),
clicks as (
    select id, visitor_id, toUnixTimestamp64Milli(occurred_at) as ms
    from touches
    where cityHash64(visitor_id) in busy and occurred_at >= fromUnixTimestamp64Milli({read_since:Int64}, 'UTC')
    order by received_at desc
    limit 1 by id
),
counted as (
    select
        id, visitor_id, ms,
        count() over (
            partition by visitor_id order by ms range between {milliseconds:UInt64} preceding and current row
        ) as upto
    from clicks
),
bursts as (
    select
        id, ms,
        max(upto) over (
            partition by visitor_id order by ms range between current row and {milliseconds:UInt64} following
        ) as densest
    from counted
)
select {base:UInt32}, {run:UInt32}, 'touches', id, 'rapid_clicks', {excluded:Bool}
from bursts
where densest > {most:UInt32} and ms >= {since:Int64};

-- name: duplicate_click
-- Which clicks follow another one of the same visitor on the same campaign within seconds? The first of them counts.
insert into noise (base, run, family, id, reason, excluded)
with
marked as (
    select
        id, received_at, toUnixTimestamp64Milli(occurred_at) as ms,
        cityHash64(visitor_id, source, medium, campaign, arraySort(mapKeys(click_ids))) as click
    from touches
    where
        occurred_at >= fromUnixTimestamp64Milli({read_since:Int64}, 'UTC')
        and (source != '' or medium != '' or campaign != '' or notEmpty(click_ids))
),
repeated as (
    select click from marked
    group by click
    having count() > 2 or count() = 2 and max(ms) - min(ms) <= {milliseconds:UInt64}
),
clicks as (
    select id, click, ms from marked where click in repeated order by received_at desc limit 1 by id
),
spaced as (
    select
        id, ms,
        ms - lagInFrame(ms, 1, -4000000000000) over (
            partition by click order by ms, id rows between unbounded preceding and current row
        ) as gap
    from clicks
)
select {base:UInt32}, {run:UInt32}, 'touches', id, 'duplicate_click', {excluded:Bool}
from spaced
where gap <= {milliseconds:UInt64} and ms >= {since:Int64};

-- name: shared_click_id
-- Which touches bring a click id that more visitors brought within the window than can have clicked? The first counts.
insert into noise (base, run, family, id, reason, excluded)
with
brought as (
    select
        id, received_at, visitor_id, toUnixTimestamp64Milli(occurred_at) as ms, cityHash64(name, value) as click
    from touches
    array join mapKeys(click_ids) as name, mapValues(click_ids) as value
    where occurred_at >= fromUnixTimestamp64Milli({read_since:Int64}, 'UTC') and value != ''
),
shared as (
    select click from brought group by click having uniqExact(cityHash64(visitor_id)) > {most:UInt32}
),
clicks as (
    select id, visitor_id, ms, click from brought where click in shared order by received_at desc limit 1 by id, click
),
told as (
    select
        id, visitor_id, ms,
        uniqExact(visitor_id) over (
            partition by click order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as visitors,
        min(ms) over before as first_ms, groupUniqArray((ms, visitor_id)) over before as brought_before
    from clicks
    window before as (partition by click order by ms range between {milliseconds:UInt64} preceding and current row)
)
select distinct {base:UInt32}, {run:UInt32}, 'touches', id, 'shared_click_id', {excluded:Bool}
from told
where visitors > {most:UInt32} and not has(brought_before, (first_ms, visitor_id)) and ms >= {since:Int64};

-- name: crowded_address
-- Which touches come from an internet address that brought more visitors within the window than a household or office?
insert into noise (base, run, family, id, reason, excluded)
with
addressed as (
    select
        id, visitor_id, received_at, toUnixTimestamp64Milli(occurred_at) as ms,
        if(JSONHas(properties, 'context', 'ip'),
            JSONExtractString(properties, 'context', 'ip'), JSONExtractString(properties, 'ip')) as address
    from touches
    where
        occurred_at >= fromUnixTimestamp64Milli({read_since:Int64}, 'UTC') and position(properties, '"ip"') > 0
        and address != ''
),
crowded as (
    select address from addressed group by address having uniqExact(cityHash64(visitor_id)) > {most:UInt32}
),
clicks as (
    select id, visitor_id, ms, address from addressed
    where address in crowded
    order by received_at desc
    limit 1 by id
),
told as (
    select
        id, ms,
        uniqExact(visitor_id) over (
            partition by address order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as visitors
    from clicks
)
select {base:UInt32}, {run:UInt32}, 'touches', id, 'crowded_address', {excluded:Bool}
from told
where visitors > {most:UInt32} and ms >= {since:Int64};

-- name: call_flood
-- Which calls belong to a caller who called more often within the window than anybody who only redials?
insert into noise (base, run, family, id, reason, excluded)
with
counted as (
    select
        id, caller, toUnixTimestamp64Milli(started_at) as ms,
        count() over (
            partition by caller order by ms range between {milliseconds:UInt64} preceding and current row
        ) as upto
    from calls final
    where
        direction != 'out' and startsWith(caller, '+')
        and started_at >= fromUnixTimestamp64Milli({read_since:Int64}, 'UTC')
),
bursts as (
    select
        id, ms,
        max(upto) over (
            partition by caller order by ms range between current row and {milliseconds:UInt64} following
        ) as densest
    from counted
)
select {base:UInt32}, {run:UInt32}, 'calls', id, 'call_flood', {excluded:Bool}
from bursts
where densest > {most:UInt32} and ms >= {since:Int64};

-- name: sequential_callers
-- Which calls come from a block of a hundred numbers of which more called within the window than can be by chance?
--
-- Blocks overlap by half, so that no row of fifty numbers is cut.
insert into noise (base, run, family, id, reason, excluded)
with
dialled as (
    select
        id, toUInt64OrZero(substring(caller, 2)) as number, toUnixTimestamp64Milli(started_at) as ms,
        arrayJoin([intDiv(number, 100) * 2, intDiv(number + 50, 100) * 2 + 1]) as block
    from calls final
    where
        direction != 'out' and startsWith(caller, '+')
        and started_at >= fromUnixTimestamp64Milli({read_since:Int64}, 'UTC')
),
told as (
    select
        id, ms,
        uniqExact(number) over (
            partition by block order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as callers
    from dialled
)
select distinct {base:UInt32}, {run:UInt32}, 'calls', id, 'sequential_callers', {excluded:Bool}
from told
where callers > {most:UInt32} and ms >= {since:Int64};

-- name: ultra_short_call
-- Which answered calls ended before anybody could have spoken?
insert into noise (base, run, family, id, reason, excluded)
select {base:UInt32}, {run:UInt32}, 'calls', id, 'ultra_short_call', {excluded:Bool}
from calls final
where
    direction != 'out' and status = 'answered' and coalesce(talk_s, duration_s) * 1000 < {milliseconds:UInt64}
    and started_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC');

-- name: duplicate_lead
-- Which leads follow another one of the same contact at the same dealer within minutes? The first of them counts.
insert into noise (base, run, family, id, reason, excluded)
with
spaced as (
    select
        id, toUnixTimestamp64Milli(created_at) as ms,
        ms - lagInFrame(ms, 1, -4000000000000) over (
            partition by if(phone = '', email, phone), dealer order by ms, id
            rows between unbounded preceding and current row
        ) as gap
    from (
        select id, created_at, phone, email, dealer from leads final
        where
            (phone != '' or email != '')
            and created_at >= fromUnixTimestamp64Milli({read_since:Int64}, 'UTC')
    )
)
select {base:UInt32}, {run:UInt32}, 'leads', id, 'duplicate_lead', {excluded:Bool}
from spaced
where gap <= {milliseconds:UInt64} and ms >= {since:Int64};

-- name: phone_across_dealers
-- Which leads have a phone that asked at more dealers within the window than a buyer would?
insert into noise (base, run, family, id, reason, excluded)
with
told as (
    select
        id, toUnixTimestamp64Milli(created_at) as ms,
        uniqExact(dealer) over (
            partition by phone order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as dealers
    from leads final
    where phone != '' and dealer != '' and created_at >= fromUnixTimestamp64Milli({read_since:Int64}, 'UTC')
)
select {base:UInt32}, {run:UInt32}, 'leads', id, 'phone_across_dealers', {excluded:Bool}
from told
where dealers > {most:UInt32} and ms >= {since:Int64};

-- name: many_phones
-- Which leads come from a visitor who left more phones within the window than a person has?
insert into noise (base, run, family, id, reason, excluded)
with
told as (
    select
        id, toUnixTimestamp64Milli(created_at) as ms,
        uniqExact(phone) over (
            partition by visitor_id order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as phones
    from leads final
    where phone != '' and visitor_id != '' and created_at >= fromUnixTimestamp64Milli({read_since:Int64}, 'UTC')
)
select {base:UInt32}, {run:UInt32}, 'leads', id, 'many_phones', {excluded:Bool}
from told
where phones > {most:UInt32} and ms >= {since:Int64};

-- name: test_lead
-- Which leads are trials: a name, phone or e-mail that people type to see whether a form works?
insert into noise (base, run, family, id, reason, excluded)
select {base:UInt32}, {run:UInt32}, 'leads', id, 'test_lead', {excluded:Bool}
from leads final
where
    created_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    and (
        match(lowerUTF8(trimBoth(name)), '^(test|testing|тест|тестовый|тестовая|тестирование|проверка|проверка связи|asdf|qwe|qwerty|йцу|йцукен|фыва|фывапролдж|xxx|aaa|ааа|abc|lorem ipsum)([ 0-9_.-].*)?$')
        or match(phone, '(0{7}|1{7}|2{7}|3{7}|4{7}|5{7}|6{7}|7{7}|8{7}|9{7}|1234567|7654321)$')
        or match(email, '^(test|asdf|qwe|qwerty|aaa|123)[0-9]*@|@test\\.(com|ru)$')
    );

-- name: invalid_phone
-- Which leads can nobody call or write to: the phone that was given is none, and there is no e-mail?
insert into noise (base, run, family, id, reason, excluded)
select {base:UInt32}, {run:UInt32}, 'leads', id, 'invalid_phone', {excluded:Bool}
from leads final
where
    created_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    and phone = '' and email = '' and JSONHas(properties, 'unread_phone');

-- name: fast_form
-- Which forms were sent sooner after the visit began than a human can read and fill them?
insert into noise (base, run, family, id, reason, excluded)
with
forms as (
    select id, session_id, created_at
    from leads final
    where kind = 'form' and session_id != '' and created_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
),
begun as (
    select session_id, min(occurred_at) as at
    from touches
    where
        session_id in (select session_id from forms)
        and occurred_at >= fromUnixTimestamp64Milli({read_since:Int64}, 'UTC')
    group by session_id
)
select {base:UInt32}, {run:UInt32}, 'leads', forms.id, 'fast_form', {excluded:Bool}
from forms
inner join begun on forms.session_id = begun.session_id
where
    dateDiff('millisecond', begun.at, forms.created_at) >= 0
    and dateDiff('millisecond', begun.at, forms.created_at) < {milliseconds:UInt64};

-- name: first_changed
-- When, in ms since 1970, did the first of the events happen that this run sees changed, in each family that has noise?
select 'touches' as family, toUnixTimestamp64Milli(min(occurred_at)) as since
from touches
where id in (select id from changed_events where run = {run:UInt32} and family = 'touches')
having count() > 0
union all
select 'calls', toUnixTimestamp64Milli(min(started_at))
from calls
where id in (select id from changed_events where run = {run:UInt32} and family = 'calls')
having count() > 0
union all
select 'leads', toUnixTimestamp64Milli(min(created_at))
from leads
where id in (select id from changed_events where run = {run:UInt32} and family = 'leads')
having count() > 0;

-- name: note_left_out
-- Which events, known to the runs before, are left out from this run on? They have changed as well, and with leads what
-- their codes say, and those of their deals.
insert into changed_events (run, family, id, event)
with
left_out as (
    select distinct family, id
    from noise
    where
        base = {base:UInt32} and run = {run:UInt32} and excluded
        and (family, id) not in (
            select family, id from noise where base = {base:UInt32} and run < {run:UInt32} and excluded)
),
told as (
    select family, id from left_out
    union all
    select 'codes', arrayJoin([concat('promo:lead:', id), concat('mail:lead:', id)]) from left_out where family = 'leads'
    union all
    select distinct 'codes', concat('promo:deal:', deal_id)
    from deals
    where lead_id in (select id from left_out where family = 'leads')
)
select {run:UInt32}, family, id, sipHash64(concat(family, ':', id)) as event
from told
where
    event not in (select event from changed_events where run = {run:UInt32})
