-- name: calls_by
-- How were calls taken, who called back and when, and how many of them were first, target or leads? A row a group, and one
-- of all.
--
-- A contact is a moment at which somebody talked, or tried to talk, with a phone. A lead of kind `call` that follows a call
-- from its phone within an hour is that call's own card, and no request. The first rule of target calls is of the dealers
-- that have none. Each step reads the one before once: what a step is read by twice is computed twice.
with
heard as (
    select
        c.id as id, c.started_at as at, c.caller as phone, c.called as number, c.operator as operator, t.dealer as dealer,
        multiIf(c.status != '', toString(c.status), ifNull(c.talk_s, 0) > 0, 'answered', '') as status,
        c.waiting_s as waiting_s, c.talk_s as talk_s,
        coalesce(c.talk_s, c.duration_s - least(c.duration_s, ifNull(c.waiting_s, 0)), 0) as spoken_s,
        arrayMap(tag -> lowerUTF8(tag), c.tags) as tags, c.target as target
    from (select * from calls final where direction != 'out') as c
    inner join tracked_calls(run = {run:UInt32}, timezone = {timezone:String}, since = 0) as t on c.id = t.id
),
told as (
    select 'call' as what, *, cast(null as Nullable(DateTime64(3, 'UTC'))) as first_response_at from heard
    union all
    select 'dialled', id, started_at, called, '', '', '', '', null, null, 0, [], null, null
    from calls final
    where direction = 'out'
    union all
    select 'request', id, created_at, phone, '', manager, dealer, '', null, null, 0, [], null, first_response_at
    from leads final
    where kind = 'call' and phone != '' and status not in ('junk', 'duplicate')
),
after_calls as (
    select
        *,
        maxIf(at, what = 'call') over (
            partition by if(phone = '', id, phone) order by at, what rows between unbounded preceding and current row
        ) as last_call_at
    from told
),
spoken as (
    select
        * except (what, at, first_response_at, last_call_at), part.1 as what, part.2 as at,
        what = 'dialled' or what = 'response' or (what = 'call' and status = 'answered') as is_contact
    from
    (
        select
            * except (what, at), what as first_what, at as first_at,
            if(first_response_at is null,
                [(first_what, first_at)],
                [(first_what, first_at), ('response', assumeNotNull(first_response_at))]) as parts
        from after_calls
        where what != 'request' or dateDiff('second', last_call_at, at) > 3600
    )
    array join parts as part
),
in_phones as (
    select
        *,
        anyLast(if(is_contact, at, null)) over (
            partition by if(phone = '', id, phone) order by at desc, is_contact
            rows between unbounded preceding and 1 preceding
        ) as contact_at
    from spoken
),
asked as (
    select
        * except (what, contact_at, is_contact),
        what = 'request' as is_request, status in ('missed', 'busy', 'failed') as is_unanswered,
        if(
            (is_unanswered or is_request) and dateDiff('second', at, contact_at) <= {window_days:UInt32} * 86400,
            dateDiff('millisecond', at, contact_at) / 1000, null) as back_s,
        sipHash64(concat(if(is_request, 'lead:', 'call:'), id)) as key
    from in_phones
    where what in ('call', 'request')
),
keys_asked as (
    select sipHash64(concat('call:', id)) as key from calls where direction != 'out'
    union all
    select sipHash64(concat('lead:', id)) from leads where kind = 'call'
),
persons_asked as (
    select key as known_key, person from persons_of_run(run = {run:UInt32}) where key in (select key from keys_asked)
),
of_persons as (
    select asked.*, if(known.known_key = 0, asked.key, known.person) as person
    from asked
    left join persons_asked as known on asked.key = known.known_key
),
in_order as (
    select
        *,
        lagInFrame(at) over (
            partition by is_request, person, if({whose:String} = 'dealer', dealer, '') order by at, id
            rows between unbounded preceding and current row
        ) as before,
        dateDiff('second', before, at) > {window_days:UInt32} * 86400 as is_first
    from of_persons
),
touched as (
    select t.person as touched_person, t.at as touched_at, t.origin as touched_origin, t.direct as direct
    from touches_of_run(run = {run:UInt32}) as t
    where t.person in (select key from keys_asked) or t.person in (select person from persons_asked)
),
brought as (
    select
        a.*, if(dateDiff('second', n.touched_at, a.at) <= {lookback_days:UInt32} * 86400, n.touched_origin, 0) as ad_origin
    from
    (
        select *
        from in_order
        where
            toDate(at, {timezone:String}) between {from:Date} and {to:Date}
            and ({sees_all_dealers:Bool} or has({seen_dealers:Array(String)}, toString(dealer)))
    ) as a
    asof left join (select * from touched where not direct) as n on a.person = n.touched_person and a.at >= n.touched_at
),
came as (
    select
        a.*,
        multiIf(
            a.ad_origin != 0, a.ad_origin,
            dateDiff('second', d.touched_at, a.at) <= {lookback_days:UInt32} * 86400, d.touched_origin, 0) as origin
    from brought as a
    asof left join (select * from touched where direct) as d on a.person = d.touched_person and a.at >= d.touched_at
),
of_brands as (
    select c.*, e.brand as brand
    from came as c
    left join (select dealer as known_dealer, brand from dealers_of_run(run = {run:UInt32})) as e on c.dealer = e.known_dealer
),
placed as (
    select
        b.*,
        toDate(b.at, {timezone:String}) as day, toMonday(day) as week, toStartOfMonth(day) as month,
        leftPad(toString(toHour(b.at, {timezone:String})), 2, '0') as hour,
        ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][toDayOfWeek(day)] as weekday,
        if(b.origin = 0, '(no touch)', o.channel) as channel, if(b.origin = 0, '(no touch)', o.source) as source,
        '' as everything,
        if(has({rule_dealers:Array(String)}, b.dealer), indexOf({rule_dealers:Array(String)}, b.dealer), 1) as rule,
        not b.is_request as is_call,
        is_call and if(
            {rule_believe:Array(Bool)}[rule] and b.target is not null,
            assumeNotNull(b.target),
            b.status = 'answered' and b.spoken_s >= {rule_talk:Array(UInt32)}[rule]
            and (empty({rule_tags:Array(Array(String))}[rule]) or hasAny(b.tags, {rule_tags:Array(Array(String))}[rule]))
            and not hasAny(b.tags, {rule_without:Array(Array(String))}[rule])) as is_target,
        is_call and (b.id, b.at) in (select id, at from conversions_of_run(run = {run:UInt32}) where kind = 'lead') as is_lead
    from of_brands as b
    left join (select origin as known_origin, channel, source from origins_of_run(run = {run:UInt32})) as o
        on b.origin = o.known_origin
),
named as (
    select *, toString({by:Identifier}) as one, toString({then_by:Identifier}) as other from placed
)
select
    one, other, grouping(one) as is_total,
    countIf(is_call) as calls,
    countIf(is_call and is_first) as first_calls,
    countIf(is_call and not is_first) as repeat_calls,
    uniqExactIf(person, is_call) as callers,
    countIf(is_target) as target_calls,
    countIf(is_target and is_first) as first_target_calls,
    countIf(is_call and status = 'answered') as answered,
    countIf(status = 'missed') as missed,
    countIf(status = 'busy') as busy,
    countIf(status = 'failed') as failed,
    countIf(is_unanswered) as unanswered,
    avg(waiting_s) as waiting_mean,
    quantileExactInclusive(0.5)(waiting_s) as waiting_median,
    quantileExactInclusive(0.9)(waiting_s) as waiting_p90,
    avgIf(talk_s, status = 'answered') as talk_mean,
    countIf(is_call and back_s is not null) as called_back,
    countIf(is_unanswered and back_s is null) as never_called_back,
    quantileExactInclusiveIf(0.5)(back_s, is_call) as back_median,
    quantileExactInclusiveIf(0.9)(back_s, is_call) as back_p90,
    countIf(is_request) as requests,
    countIf(is_request and back_s is not null) as requests_called,
    quantileExactInclusiveIf(0.5)(back_s, is_request) as request_median,
    quantileExactInclusiveIf(0.9)(back_s, is_request) as request_p90,
    countIf(is_lead) as leads
from named
group by grouping sets ((one, other), ());
