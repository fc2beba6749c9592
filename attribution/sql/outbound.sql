-- name: find_exports
-- Which conversions may be handed to an ad system, by which click, visitor and contacts does it know them, and who consented?
--
-- Conversions that were handed over and are none any more are named by gone_kinds, gone_ids and gone_ats. Times are in ms
-- since 1970.
-- Phones, e-mails and users are those whose keys are the person's: a key that too many share is nobody's. What events say
-- of a person (click, cookie, consent) is one array, newest first: joined as rows, it would be joined with everybody.
with
fromUnixTimestamp64Milli({since:Int64}, 'UTC') as since,
fromUnixTimestamp64Milli({now:Int64}, 'UTC') as present,
fromUnixTimestamp64Milli({clicks_since:Int64}, 'UTC') as clicks_since,
gone as (
    select named.1 as kind, named.2 as id, fromUnixTimestamp64Milli(named.3, 'UTC') as at
    from
    (
        select arrayJoin(arrayZip({gone_kinds:Array(String)}, {gone_ids:Array(String)}, {gone_ats:Array(Int64)})) as named
    )
),
gone_keys as (
    select
        kind, id, at,
        arrayJoin(arrayMap(word -> sipHash64(concat(word, id)), ['deal:', 'lead:', 'call:'])) as key
    from gone
),
chosen as (
    select kind, id, person, at, window_from, revenue, margin, false as is_gone
    from conversions_of_run(run = {run:UInt32})
    where kind in {kinds:Array(String)} and at between since and present
    union all
    select
        g.kind, g.id, if(max(k.person) = 0, sipHash64(concat('deal:', g.id)), max(k.person)), g.at,
        g.at - toIntervalDay(400), toDecimal64(0, 4), toDecimal64(0, 4), true
    from gone_keys as g
    left join persons_of_run(run = {run:UInt32}) as k on g.key = k.key
    group by g.kind, g.id, g.at
),
events as (
    select sipHash64(concat('visitor:', visitor_id)) as key, occurred_at as at, id, click_ids as marks, properties
    from touches final
    union all
    select sipHash64(concat('lead:', id)), created_at, id, cast(map(), 'Map(LowCardinality(String), String)'), properties
    from leads final
    union all
    select sipHash64(concat('call:', id)), started_at, id, cast(map(), 'Map(LowCardinality(String), String)'), properties
    from calls final
    union all
    select sipHash64(concat('deal:', deal_id)), occurred_at, id, cast(map(), 'Map(LowCardinality(String), String)'), properties
    from deals final
    union all
    select
        sipHash64(if(visitor_id != '', concat('visitor:', visitor_id), concat('user:', user_id))), occurred_at, id,
        cast(map(), 'Map(LowCardinality(String), String)'), properties
    from profiles final
    union all
    select
        sipHash64(if(visitor_id != '', concat('visitor:', visitor_id), concat('user:', user_id))), occurred_at, id,
        cast(map(), 'Map(LowCardinality(String), String)'), properties
    from actions final
),
said as (
    select
        key, at, id,
        arrayFirst(
            pair -> pair.2 != '',
            arrayMap(
                name -> (name, if(marks[name] != '', marks[name], trim(both '"' from JSONExtractRaw(properties, name)))),
                {click_ids:Array(String)})
        ) as click,
        arrayFirst(
            value -> value != '',
            arrayMap(name -> trim(both '"' from JSONExtractRaw(properties, name)), {cookies:Array(String)})
        ) as cookie,
        arrayMap(
            word -> lower(concat(
                JSONExtractString(properties, 'consent', word), JSONExtractString(properties, 'context', 'consent', word))),
            ['ad_user_data', 'ad_personalization']
        ) as consent
    from events
    where
        position(properties, '"consent"') > 0
        or at >= clicks_since and (
            arrayExists(name -> mapContains(marks, name), {click_ids:Array(String)})
            or multiSearchAny(properties, arrayConcat({click_ids:Array(String)}, {cookies:Array(String)})))
),
keys as (
    select key, person from persons_of_run(run = {run:UInt32}) where person in (select person from chosen)
    union distinct
    select person, person from chosen
),
persons as (
    select
        k.person as person,
        arrayReverseSort(groupArray((s.at, s.id, s.click, s.cookie, s.consent))) as words
    from said as s
    inner join keys as k on s.key = k.key
    group by k.person
),
mentions as (
    select 'phone' as sort, phone as value, created_at as at from leads final
    union all
    select 'phone', if(direction = 'out', called, caller), started_at from calls final
    union all
    select 'phone', contact.phone, occurred_at from deals final
    union all
    select 'phone', phone, occurred_at from profiles final
    union all
    select 'email', email, created_at from leads final
    union all
    select 'email', contact.email, occurred_at from deals final
    union all
    select 'email', email, occurred_at from profiles final
    union all
    select 'user', user_id, created_at from leads final
    union all
    select 'user', user_id, occurred_at from profiles final
    union all
    select 'user', user_id, occurred_at from touches final where user_id != ''
),
named as (
    select sort, value, max(at) as last_at, sipHash64(concat(sort, ':', value)) as key
    from mentions
    where value != '' and has({sorts:Array(String)}, sort)
    group by sort, value
),
contacts as (
    select
        k.person as person,
        arrayMap(pair -> pair.2, arrayReverseSort(groupArrayIf((n.last_at, n.value), n.sort = 'phone'))) as phones,
        arrayMap(pair -> pair.2, arrayReverseSort(groupArrayIf((n.last_at, n.value), n.sort = 'email'))) as emails,
        arrayMap(pair -> pair.2, arrayReverseSort(groupArrayIf((n.last_at, n.value), n.sort = 'user'))) as users
    from named as n
    inner join keys as k on n.key = k.key
    group by k.person
)
select
    c.kind as kind, c.id as id, c.at as at, c.revenue as revenue, c.margin as margin, c.is_gone as is_gone,
    arrayFirst(
        word -> word.3.2 != '' and word.1 between greatest(c.window_from, clicks_since) and c.at, p.words) as clicked,
    clicked.3.1 as click_name, clicked.3.2 as click, clicked.1 as click_at,
    arrayFirst(word -> word.4 != '' and word.1 between clicks_since and c.at, p.words).4 as cookie,
    arraySlice(o.phones, 1, {most_contacts:UInt8}) as phones, arraySlice(o.emails, 1, {most_contacts:UInt8}) as emails,
    arraySlice(o.users, 1, {most_contacts:UInt8}) as users,
    arrayFirst(word -> word.5[1] in ('granted', 'denied'), p.words).5[1] as ad_user_data,
    arrayFirst(word -> word.5[2] in ('granted', 'denied'), p.words).5[2] as ad_personalization
from chosen as c
left join persons as p on c.person = p.person
left join contacts as o on c.person = o.person
order by c.at, c.id, c.kind;

-- name: still_conversions
-- Which of these, each written as `kind:id`, does the run still have?
select concat(kind, ':', id) as key
from conversions_of_run(run = {run:UInt32})
where concat(kind, ':', id) in {keys:Array(String)}
