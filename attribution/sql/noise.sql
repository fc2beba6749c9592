-- name: note_groups
-- Which groups do changed events belong to, or did they belong to when something of the group was noise, and since when?
--
-- Some rules ask for nothing but the event, which is its own group; and how a session began is asked whenever it was.
insert into noise_groups (run, reason, held, at)
with fromUnixTimestamp64Milli({since:Int64}, 'UTC') as since_when
select {run:UInt32}, place.1 as reason, place.2 as held, min(place.3)
from
(
    select
        arrayConcat(
            [
                ('rapid_clicks', of_visitor, ms), ('duplicate_click', of_click, ms), ('crowded_address', of_address, ms),
                ('fast_form', of_session, 0)
            ],
            arrayMap(click_id -> ('shared_click_id', click_id, ms), of_click_ids)) as places
    from marked_touches(latest = false)
    where loaded_at >= since_when
    union all
    select arrayPushBack(arrayMap(block -> ('sequential_callers', block, ms), of_blocks), ('call_flood', of_caller, ms))
    from marked_calls
    where id in (select id from calls where loaded_at >= since_when)
    union all
    select
        [
            ('duplicate_lead', of_contact, ms), ('phone_across_dealers', of_phone, ms), ('many_phones', of_visitor, ms),
            ('fast_form', of_session, 0)
        ]
    from marked_leads
    where id in (select id from leads where loaded_at >= since_when)
    union all
    select
        arrayMap(
            reason -> (reason, event, toInt64(0)),
            multiIf(
                family = 'touches', ['bot'], family = 'calls', ['ultra_short_call'],
                ['test_lead', 'invalid_phone']))
    from changed_events
    where run = {run:UInt32} and family in ('touches', 'calls', 'leads')
    union all
    select [(toString(reason), held, at)]
    from noise
    where
        base = {base:UInt32} and run < {run:UInt32}
        and (family, id) in (select family, id from changed_events where run = {run:UInt32})
)
array join places as place
where place.2 != 0
group by reason, held;

-- name: groups_since
-- Since when, in ms since 1970, is each rule to judge groups anew?
select reason, min(at) as since from noise_groups where run = {run:UInt32} group by reason;

-- name: bot
-- Which touches come from programs that say so: of the browser's name, where the event holds it?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
versions as (
    select id
    from marked_touches(latest = false)
    where loaded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') and multiMatchAny(agent, {bots:Array(String)})
)
select {base:UInt32}, {run:UInt32}, 'touches', id, 'bot', sipHash64(concat('touches:', id)), ms, {excluded:Bool}, true
from marked_touches(latest = true)
where id in (select id from versions) and multiMatchAny(agent, {bots:Array(String)});

-- name: rapid_clicks
-- Which touches belong to a visitor who has more of them within the window than a human can?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
fromUnixTimestamp64Milli({read_since:Int64}, 'UTC') as read_since,
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'rapid_clicks'),
versions as (
    select id, of_visitor, ms
    from marked_touches(latest = false)
    where occurred_at >= read_since and ({since:Int64} = 0 or of_visitor in asked)
),
busy as (
    select of_visitor from versions group by of_visitor having count() > {most:UInt32}
),
hasty as (
    select of_visitor
    from
    (
        select
            of_visitor,
            count() over (
                partition by of_visitor order by ms range between {milliseconds:UInt64} preceding and current row
            ) as upto
        from versions
        where of_visitor in busy
    )
    where upto > {most:UInt32}
),
clicks as (
    select id, of_visitor, ms
    from marked_touches(latest = true)
    where
        (id, of_visitor) in (select id, of_visitor from versions where of_visitor in hasty) and occurred_at >= read_since
),
counted as (
    select
        id, of_visitor, ms,
        count() over (
            partition by of_visitor order by ms range between {milliseconds:UInt64} preceding and current row
        ) as upto
    from clicks
),
bursts as (
    select
        id, of_visitor, ms,
        max(upto) over (
            partition by of_visitor order by ms range between current row and {milliseconds:UInt64} following
        ) as densest
    from counted
)
select
    {base:UInt32}, {run:UInt32}, 'touches', id, 'rapid_clicks', of_visitor, ms, {excluded:Bool}, true
from bursts
where densest > {most:UInt32} and ms >= {judge_since:Int64};

-- name: duplicate_click
-- Which clicks follow another one of the same visitor on the same campaign within seconds? The first of them counts.
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
fromUnixTimestamp64Milli({read_since:Int64}, 'UTC') as read_since,
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'duplicate_click'),
versions as (
    select id, of_click, ms
    from marked_touches(latest = false)
    where occurred_at >= read_since and is_click and ({since:Int64} = 0 or of_click in asked)
),
repeated as (
    select of_click
    from versions
    group by of_click
    having count() > 2 or count() = 2 and max(ms) - min(ms) <= {milliseconds:UInt64}
),
hasty as (
    select id, of_click
    from
    (
        select
            id, of_click,
            ms - lagInFrame(ms, 1, -4000000000000) over (
                partition by of_click order by ms rows between unbounded preceding and current row
            ) as before,
            leadInFrame(ms, 1, 8000000000000) over (
                partition by of_click order by ms rows between current row and unbounded following
            ) - ms as after
        from versions
        where of_click in repeated
    )
    where least(before, after) <= {milliseconds:UInt64}
),
clicks as (
    select id, of_click, ms
    from marked_touches(latest = true)
    where (id, of_click) in hasty and occurred_at >= read_since
),
spaced as (
    select
        id, of_click, ms,
        ms - lagInFrame(ms, 1, -4000000000000) over (
            partition by of_click order by ms, id rows between unbounded preceding and current row
        ) as before,
        leadInFrame(ms, 1, 8000000000000) over (
            partition by of_click order by ms, id rows between current row and unbounded following
        ) - ms as after
    from clicks
)
select
    {base:UInt32}, {run:UInt32}, 'touches', id, 'duplicate_click', of_click, ms, {excluded:Bool},
    before <= {milliseconds:UInt64}
from spaced
where least(before, after) <= {milliseconds:UInt64} and ms >= {judge_since:Int64};

-- name: shared_click_id
-- Which touches bring a click id that more visitors brought within the window than can have clicked? The first counts.
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
fromUnixTimestamp64Milli({read_since:Int64}, 'UTC') as read_since,
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'shared_click_id'),
versions as (
    select id, of_visitor, click
    from marked_touches(latest = false)
    array join of_click_ids as click
    where occurred_at >= read_since and ({since:Int64} = 0 or click in asked)
),
shared as (
    select click from versions group by click having uniqExact(of_visitor) > {most:UInt32}
),
clicks as (
    select id, of_visitor, ms, click
    from marked_touches(latest = true)
    array join of_click_ids as click
    where (id, click) in (select id, click from versions where click in shared) and occurred_at >= read_since
),
told as (
    select
        id, of_visitor, ms, click,
        uniqExact(of_visitor) over (
            partition by click order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as visitors,
        min(ms) over before as first_ms, groupUniqArray((ms, of_visitor)) over before as brought_before
    from clicks
    window before as (partition by click order by ms range between {milliseconds:UInt64} preceding and current row)
),
nearby as (
    select
        *,
        max(visitors) over (
            partition by click order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as most_visitors
    from told
)
select
    {base:UInt32}, {run:UInt32}, 'touches', id, 'shared_click_id', click, ms, {excluded:Bool},
    visitors > {most:UInt32} and not has(brought_before, (first_ms, of_visitor))
from nearby
where most_visitors > {most:UInt32} and ms >= {judge_since:Int64};

-- name: crowded_address
-- Which touches come from an internet address that brought more visitors within the window than a household or office?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
fromUnixTimestamp64Milli({read_since:Int64}, 'UTC') as read_since,
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'crowded_address'),
versions as (
    select id, of_visitor, of_address
    from marked_touches(latest = false)
    where occurred_at >= read_since and of_address != 0 and ({since:Int64} = 0 or of_address in asked)
),
crowded as (
    select of_address from versions group by of_address having uniqExact(of_visitor) > {most:UInt32}
),
clicks as (
    select id, of_visitor, ms, of_address
    from marked_touches(latest = true)
    where
        (id, of_address) in (select id, of_address from versions where of_address in crowded)
        and occurred_at >= read_since
),
told as (
    select
        id, ms, of_address,
        uniqExact(of_visitor) over (
            partition by of_address order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as visitors
    from clicks
),
nearby as (
    select
        *,
        max(visitors) over (
            partition by of_address order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as most_visitors
    from told
)
select
    {base:UInt32}, {run:UInt32}, 'touches', id, 'crowded_address', of_address, ms, {excluded:Bool},
    visitors > {most:UInt32}
from nearby
where most_visitors > {most:UInt32} and ms >= {judge_since:Int64};

-- name: call_flood
-- Which calls belong to a caller who called more often within the window than anybody who only redials?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'call_flood'),
counted as (
    select
        id, of_caller, ms,
        count() over (
            partition by of_caller order by ms range between {milliseconds:UInt64} preceding and current row
        ) as upto
    from marked_calls
    where ms >= {read_since:Int64} and ({since:Int64} = 0 or of_caller in asked)
),
bursts as (
    select
        id, of_caller, ms,
        max(upto) over (
            partition by of_caller order by ms range between current row and {milliseconds:UInt64} following
        ) as densest
    from counted
)
select {base:UInt32}, {run:UInt32}, 'calls', id, 'call_flood', of_caller, ms, {excluded:Bool}, true
from bursts
where densest > {most:UInt32} and ms >= {judge_since:Int64};

-- name: sequential_callers
-- Which calls come from a block of a hundred numbers of which more called within the window than can be by chance?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'sequential_callers'),
told as (
    select
        id, ms, block,
        uniqExact(number) over (
            partition by block order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as callers
    from (select id, ms, number, arrayJoin(of_blocks) as block from marked_calls where ms >= {read_since:Int64})
    where {since:Int64} = 0 or block in asked
),
nearby as (
    select
        *,
        max(callers) over (
            partition by block order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as most_callers
    from told
)
select
    {base:UInt32}, {run:UInt32}, 'calls', id, 'sequential_callers', block, ms, {excluded:Bool}, callers > {most:UInt32}
from nearby
where most_callers > {most:UInt32} and ms >= {judge_since:Int64};

-- name: ultra_short_call
-- Which answered calls ended before anybody could have spoken?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
select
    {base:UInt32}, {run:UInt32}, 'calls', id, 'ultra_short_call', sipHash64(concat('calls:', id)),
    toUnixTimestamp64Milli(started_at), {excluded:Bool}, true
from calls final
where
    direction != 'out' and status = 'answered' and coalesce(talk_s, duration_s) * 1000 < {milliseconds:UInt64}
    and ({since:Int64} = 0 or id in (select id from changed_events where run = {run:UInt32} and family = 'calls'));

-- name: duplicate_lead
-- Which leads follow another one of the same contact at the same dealer within minutes? The first of them counts.
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'duplicate_lead'),
spaced as (
    select
        id, of_contact, ms,
        ms - lagInFrame(ms, 1, -4000000000000) over (
            partition by of_contact order by ms, id rows between unbounded preceding and current row
        ) as before,
        leadInFrame(ms, 1, 8000000000000) over (
            partition by of_contact order by ms, id rows between current row and unbounded following
        ) - ms as after
    from marked_leads
    where ms >= {read_since:Int64} and of_contact != 0 and ({since:Int64} = 0 or of_contact in asked)
)
select
    {base:UInt32}, {run:UInt32}, 'leads', id, 'duplicate_lead', of_contact, ms, {excluded:Bool},
    before <= {milliseconds:UInt64}
from spaced
where least(before, after) <= {milliseconds:UInt64} and ms >= {judge_since:Int64};

-- name: phone_across_dealers
-- Which leads have a phone that asked at more dealers within the window than a buyer would?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'phone_across_dealers'),
told as (
    select
        id, ms, of_phone,
        uniqExact(dealer) over (
            partition by of_phone order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as dealers
    from marked_leads
    where
        ms >= {read_since:Int64} and of_phone != 0 and dealer != '' and ({since:Int64} = 0 or of_phone in asked)
),
nearby as (
    select
        *,
        max(dealers) over (
            partition by of_phone order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as most_dealers
    from told
)
select
    {base:UInt32}, {run:UInt32}, 'leads', id, 'phone_across_dealers', of_phone, ms, {excluded:Bool},
    dealers > {most:UInt32}
from nearby
where most_dealers > {most:UInt32} and ms >= {judge_since:Int64};

-- name: many_phones
-- Which leads come from a visitor who left more phones within the window than a person has?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'many_phones'),
told as (
    select
        id, ms, of_visitor,
        uniqExact(of_phone) over (
            partition by of_visitor order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as phones
    from marked_leads
    where
        ms >= {read_since:Int64} and of_phone != 0 and of_visitor != 0 and ({since:Int64} = 0 or of_visitor in asked)
),
nearby as (
    select
        *,
        max(phones) over (
            partition by of_visitor order by ms
            range between {milliseconds:UInt64} preceding and {milliseconds:UInt64} following
        ) as most_phones
    from told
)
select
    {base:UInt32}, {run:UInt32}, 'leads', id, 'many_phones', of_visitor, ms, {excluded:Bool}, phones > {most:UInt32}
from nearby
where most_phones > {most:UInt32} and ms >= {judge_since:Int64};

-- name: test_lead
-- Which leads are trials: a name, phone or e-mail that people type to see whether a form works?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
select
    {base:UInt32}, {run:UInt32}, 'leads', id, 'test_lead', sipHash64(concat('leads:', id)),
    toUnixTimestamp64Milli(created_at), {excluded:Bool}, true
from leads final
where
    ({since:Int64} = 0 or id in (select id from changed_events where run = {run:UInt32} and family = 'leads'))
    and (
        match(lowerUTF8(trimBoth(name)), '^(test|testing|тест|тестовый|тестовая|тестирование|проверка|проверка связи|asdf|qwe|qwerty|йцу|йцукен|фыва|фывапролдж|xxx|aaa|ааа|abc|lorem ipsum)([ 0-9_.-].*)?$')
        or match(phone, '(0{7}|1{7}|2{7}|3{7}|4{7}|5{7}|6{7}|7{7}|8{7}|9{7}|1234567|7654321)$')
        or match(email, '^(test|asdf|qwe|qwerty|aaa|123)[0-9]*@|@test\\.(com|ru)$')
    );

-- name: invalid_phone
-- Which leads can nobody call or write to: the phone that was given is none, and there is no e-mail?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
select
    {base:UInt32}, {run:UInt32}, 'leads', id, 'invalid_phone', sipHash64(concat('leads:', id)),
    toUnixTimestamp64Milli(created_at), {excluded:Bool}, true
from leads final
where
    ({since:Int64} = 0 or id in (select id from changed_events where run = {run:UInt32} and family = 'leads'))
    and phone = '' and email = '' and JSONHas(properties, 'unread_phone');

-- name: fast_form
-- Which forms were sent sooner after the visit began than a human can read and fill them?
--
-- Those alone can be that a touch of their session precedes so closely. On the touch that began it hangs what they are.
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'fast_form'),
forms as (
    select id, session_id, of_session, ms
    from marked_leads
    where kind = 'form' and of_session != 0 and ({since:Int64} = 0 or of_session in asked)
),
moments as (
    select arrayJoin([intDiv(ms, {milliseconds:Int64}) - 1, intDiv(ms, {milliseconds:Int64})]) from forms
),
(select min(ms) - {milliseconds:Int64} from forms) as first_ms,
(select max(ms) from forms) as last_ms,
(
    select groupUniqArray(forms.session_id)
    from
    (
        select session_id, occurred_at
        from touches
        where
            occurred_at between fromUnixTimestamp64Milli(first_ms, 'UTC') and fromUnixTimestamp64Milli(last_ms, 'UTC')
            and intDiv(toUnixTimestamp64Milli(occurred_at), {milliseconds:Int64}) in moments
            and session_id in (select session_id from forms)
    ) as t
    inner join forms on t.session_id = forms.session_id
    where forms.ms - toUnixTimestamp64Milli(t.occurred_at) between 0 and {milliseconds:Int64} - 1
) as hasty,
begun as (
    select session_id, min((toUnixTimestamp64Milli(occurred_at), id)) as first
    from touches final
    where
        id in (select id from touches where notEmpty(hasty) and session_id in (select arrayJoin(hasty)))
        and session_id in (select arrayJoin(hasty))
    group by session_id
)
select
    {base:UInt32}, {run:UInt32}, judged.1, judged.2, 'fast_form', forms.of_session, judged.3, {excluded:Bool}, judged.4
from forms
inner join begun on forms.session_id = begun.session_id
array join [
    ('leads', forms.id, forms.ms, forms.ms - begun.first.1 between 0 and {milliseconds:Int64} - 1),
    ('touches', begun.first.2, begun.first.1, false)
] as judged;

-- name: note_undone
-- Which events were noise, and are not any more?
insert into noise (base, run, family, id, reason, held, at, excluded, found)
with
first_judged as (
    select g.reason as reason, min(g.at) - any(r.seconds) * 1000 as at
    from noise_groups as g
    inner join (select reason, seconds from noise_rules where run = {run:UInt32}) as r on g.reason = r.reason
    where g.run = {run:UInt32}
    group by reason
)
select {base:UInt32}, {run:UInt32}, family, id, reason, held, was.at, excluded, false
from
(
    select *
    from judged_of_run(run = {previous:UInt32})
    where found and (reason, held) in (select reason, held from noise_groups where run = {run:UInt32})
) as was
inner join first_judged on was.reason = first_judged.reason
where
    was.at >= first_judged.at
    and (family, id, reason, held) not in (
        select family, id, reason, held from noise where base = {base:UInt32} and run = {run:UInt32});

-- name: note_turned
-- Which events are left out from this run on, or count again?
insert into turned_events (run, family, id, excluded)
with
judged as (select family, id from noise where base = {base:UInt32} and run = {run:UInt32}),
were_out as (
    select family, id from noise_of_run(run = {previous:UInt32}) where excluded and (family, id) in judged
),
are_out as (
    select family, id from noise_of_run(run = {run:UInt32}) where excluded and (family, id) in judged
)
select {run:UInt32}, family, id, true from are_out where (family, id) not in were_out
union distinct
select {run:UInt32}, family, id, false from were_out where (family, id) not in are_out;

-- name: note_changed
-- They have changed as well, and with leads what their codes say, and those of their deals.
insert into changed_events (run, family, id, event, came)
with
turned as (
    select family, id from turned_events where run = {run:UInt32}
),
told as (
    select family, id from turned
    union all
    select 'codes', arrayJoin([concat('promo:lead:', id), concat('mail:lead:', id)]) from turned where family = 'leads'
    union all
    select distinct 'codes', concat('promo:deal:', deal_id)
    from deals
    where lead_id in (select id from turned where family = 'leads')
)
select {run:UInt32}, family, id, sipHash64(concat(family, ':', id)) as event, false
from told
where event not in (select event from changed_events where run = {run:UInt32})
