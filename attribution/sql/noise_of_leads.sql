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
] as judged
