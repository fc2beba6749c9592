-- name: calls_by
-- How were calls taken, who called back and when, and how many of them were first, target or leads? A row a group, and one
-- of all.
--
-- A row of `contacts` is a moment at which somebody talked, or tried to talk, with a phone after a call that was missed or
-- a request to be called. A lead of kind `call` that follows a call from its phone within an hour is that call's own card,
-- and no request. The first rule of target calls is of the dealers that have none.
with
heard as (
    select
        c.id as id, c.started_at as at, c.caller as phone, c.called as number, c.operator as operator, t.dealer as dealer,
        multiIf(c.status != '', toString(c.status), ifNull(c.talk_s, 0) > 0, 'answered', '') as status,
        c.waiting_s as waiting_s, c.talk_s as talk_s,
        coalesce(c.talk_s, c.duration_s - least(c.duration_s, ifNull(c.waiting_s, 0)), 0) as spoken_s,
        arrayMap(tag -> lowerUTF8(tag), c.tags) as tags, c.target as target, sipHash64(concat('call:', c.id)) as key
    from (select * from calls final where direction != 'out') as c
    inner join tracked_calls(run = {run:UInt32}, timezone = {timezone:String}) as t on c.id = t.id
),
requested as (
    select
        l.id as id, l.created_at as at, l.phone as phone, l.manager as operator, l.dealer as dealer,
        l.first_response_at as first_response_at, sipHash64(concat('lead:', l.id)) as key
    from
    (
        select * from leads final where kind = 'call' and phone != '' and status not in ('junk', 'duplicate')
    ) as l
    asof left join (select phone, at from heard where phone != '') as c on l.phone = c.phone and l.created_at >= c.at
    where dateDiff('second', c.at, l.created_at) > 3600
),
contacts as (
    select phone, at from heard where status = 'answered' and phone != ''
    union all
    select called, started_at from calls final where direction = 'out'
    union all
    select phone, first_response_at from requested where first_response_at is not null
),
asked as (
    select
        id, at, phone, number, operator, dealer, status, waiting_s, talk_s, spoken_s, tags, target, key,
        false as is_request, status in ('missed', 'busy', 'failed') as is_unanswered
    from heard
    union all
    select id, at, phone, '', operator, dealer, '', null, null, 0, [], null, key, true, false
    from requested
),
answered_later as (
    select
        a.id as later_id, a.is_request as is_later_request,
        if(
            b.at > a.at and dateDiff('second', a.at, b.at) <= {window_days:UInt32} * 86400,
            dateDiff('millisecond', a.at, b.at) / 1000, null) as back_s
    from (select * from asked where is_unanswered or is_request) as a
    asof left join (select phone, assumeNotNull(at) as at from contacts) as b on a.phone = b.phone and a.at < b.at
),
waited as (
    select asked.*, later.back_s as back_s
    from asked
    left join answered_later as later on asked.id = later.later_id and asked.is_request = later.is_later_request
),
of_persons as (
    select waited.*, if(known.known_key = 0, waited.key, known.person) as person
    from waited
    left join (select key as known_key, person from persons_of_run(run = {run:UInt32})) as known
        on waited.key = known.known_key
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
asked_in_period as (
    select * from in_order where toDate(at, {timezone:String}) between {from:Date} and {to:Date}
),
touched as (
    select t.person as touched_person, t.at as touched_at, t.origin as touched_origin, t.direct as direct
    from touches_of_run(run = {run:UInt32}) as t
    where t.person in (select person from asked_in_period)
),
brought as (
    select
        a.*, if(dateDiff('second', n.touched_at, a.at) <= {lookback_days:UInt32} * 86400, n.touched_origin, 0) as ad_origin
    from asked_in_period as a
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
        is_call and b.id in (select id from conversions_of_run(run = {run:UInt32}) where kind = 'lead') as is_lead
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
