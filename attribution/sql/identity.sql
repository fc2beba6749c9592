-- name: find_ties
-- Which keys did one event name together?
--
-- Where two keys of an event are undone by hand, the one that is named later here does not count in that event.
insert into ties (run, one, other)
with (select groupArray((one, other)) from untied_keys where run = {run:UInt32}) as untied
select distinct {run:UInt32}, least(pair.1, pair.2), greatest(pair.1, pair.2)
from
(
    select
        arrayFilter(key -> not match(key, '^[a-z]+:$'), keys) as named,
        if(
            empty(untied),
            named,
            arrayFold(
                (kept, key) -> if(
                    arrayExists(other -> has(untied, (least(key, other), greatest(key, other))), kept),
                    kept, arrayPushBack(kept, key)),
                named,
                arrayResize(named, 0))
        ) as known
    from
    (
        select
            [concat('lead:', id), concat('phone:', phone), concat('email:', email), concat('visitor:', visitor_id),
             concat('user:', user_id), concat('session:', if(visitor_id = '', session_id, ''))] as keys
        from leads final
        union all
        select
            [concat('call:', id), concat('phone:', caller), concat('visitor:', visitor_id),
             concat('session:', if(visitor_id = '', session_id, ''))]
        from calls final
        union all
        select
            [concat('deal:', deal_id), concat('lead:', lead_id), concat('phone:', contact.phone),
             concat('email:', contact.email), concat('crm:', contact.crm_id), concat('visitor:', visitor_id)]
        from deals final
        union all
        select [concat('visitor:', visitor_id), concat('user:', user_id)]
        from touches final
        where user_id != ''
        union all
        select [concat('visitor:', visitor_id), concat('user:', user_id)]
        from actions final
        where user_id != '' and visitor_id != ''
        union all
        select
            [concat('user:', user_id), concat('visitor:', visitor_id), concat('phone:', phone), concat('email:', email),
             concat('crm:', crm_id), concat('user:', previous_id), concat('visitor:', previous_id)]
        from profiles final
        union all
        select [concat('visitor:', visitor_id), concat('session:', session_id)]
        from touches
        where session_id in (
            select session_id from leads where visitor_id = '' and session_id != ''
            union all
            select session_id from calls where visitor_id = '' and session_id != ''
        )
    )
)
array join arrayFlatten(arrayMap(a -> arrayMap(b -> (a, b), arrayFilter(b -> b > a, known)), known)) as pair;

-- name: first_edges
-- Which ties hold: of no key that too many share?
insert into tie_edges (run, round, one, other)
with
both_ways as (
    select one as key, other as neighbour from ties where run = {run:UInt32}
    union all
    select other, one from ties where run = {run:UInt32}
),
shared as (
    select distinct key
    from both_ways
    where not match(key, '^(lead|call|deal|session):') and not match(neighbour, '^(deal|call|session):')
    group by key, splitByChar(':', neighbour)[1]
    having uniqExact(neighbour) > {shared_key_limit:UInt32}
)
select {run:UInt32}, 0, sipHash64(one), sipHash64(other)
from ties
where
    run = {run:UInt32} and one not in shared and other not in shared;

-- name: count_edges
-- How many edges are left in this round?
select count() from tie_edges where run = {run:UInt32} and round = {round:UInt8};

-- name: hook
-- To which smaller key does each key of this round hang, three steps on?
insert into tie_roots (run, round, key, root)
with
hooked as (
    select key, least(key, min(neighbour)) as root
    from
    (
        select one as key, other as neighbour from tie_edges where run = {run:UInt32} and round = {round:UInt8}
        union all
        select other, one from tie_edges where run = {run:UInt32} and round = {round:UInt8}
    )
    group by key
)
select {run:UInt32}, {round:UInt8}, a.key, c.root
from hooked as a
inner join hooked as b on a.root = b.key
inner join hooked as c on b.root = c.key;

-- name: follow
-- What is the root so far of every key seen?
insert into key_roots (run, round, key, root)
select {run:UInt32}, {round:UInt8}, known.key, if(next.key = 0, known.root, next.root)
from
(
    select key, root from key_roots where run = {run:UInt32} and round + 1 = {round:UInt8} and {round:UInt8} > 0
    union all
    select key, key from tie_roots where run = {run:UInt32} and round = 0 and {round:UInt8} = 0
) as known
left join (select key, root from tie_roots where run = {run:UInt32} and round = {round:UInt8}) as next
    on known.root = next.key;

-- name: contract
-- Which edges are left between the roots?
insert into tie_edges (run, round, one, other)
select distinct {run:UInt32}, {round:UInt8} + 1, least(a.root, b.root), greatest(a.root, b.root)
from (select one, other from tie_edges where run = {run:UInt32} and round = {round:UInt8}) as edge
inner join (select key, root from tie_roots where run = {run:UInt32} and round = {round:UInt8}) as a on edge.one = a.key
inner join (select key, root from tie_roots where run = {run:UInt32} and round = {round:UInt8}) as b
    on edge.other = b.key
where a.root != b.root;

-- name: name_persons
-- Which person does each tied key belong to?
insert into person_keys (run, key, person)
select {run:UInt32}, key, root
from key_roots
where run = {run:UInt32} and round + 1 = {round:UInt8}
