-- name: ask_sessions
-- Which sessions stand for their visitors, as a lead or call names no other; of a run that goes on, which of the changed?
insert into asked_sessions (run, session_id)
with
fromUnixTimestamp64Milli({since:Int64}, 'UTC') as since_when,
changed as (
    select session_id from touches where loaded_at >= since_when and {since:Int64} != 0
    union distinct
    select session_id from leads where loaded_at >= since_when and {since:Int64} != 0
    union distinct
    select session_id from calls where loaded_at >= since_when and {since:Int64} != 0
)
select {run:UInt32}, session_id
from leads final
where visitor_id = '' and session_id != '' and ({since:Int64} = 0 or session_id in changed)
union distinct
select {run:UInt32}, session_id
from calls final
where visitor_id = '' and session_id != '' and ({since:Int64} = 0 or session_id in changed);

-- name: name_keys
-- Which keys does each event name together? Those that name one alone are wanted where they changed, and of deals, as their
-- events may become another's.
insert into event_keys (base, run, event, keys, kinds)
select
    {base:UInt32}, {run:UInt32}, event, arrayMap(key -> sipHash64(key), keys), arrayMap(key -> splitByChar(':', key)[1], keys)
from named_keys(run = {run:UInt32}, since = {since:Int64})
where
    if(
        {since:Int64} = 0,
        length(keys) > 1 or startsWith(keys[1], 'deal:'),
        event in (select event from replaced_events where base = {base:UInt32} and run = {run:UInt32}));

-- name: index_keys
-- Which events name each key?
insert into key_events (base, run, key, event)
select {base:UInt32}, {run:UInt32}, arrayJoin(keys), event
from event_keys
where base = {base:UInt32} and run = {run:UInt32};

-- name: note_often_named
-- Of which keys are there so many events that too many may share them? An event brings a key together with two others of a
-- kind at most: what few events name, few share.
insert into often_named (run, key)
select {run:UInt32}, key
from key_events
where
    base = {base:UInt32}
    and ({since:Int64} = 0 or key in (select key from changed_keys where run = {run:UInt32}))
group by key
having 2 * count() > {shared_key_limit:UInt32};

-- name: may_any_be_shared
-- Is any key named so often, or was any known that too many share?
select
    (select count() from often_named where run = {run:UInt32}) + (select count() from shared_keys where base = {base:UInt32})
    > 0;

-- name: find_shared
-- Of which keys has it changed whether too many share them? Such a key ties nobody.
insert into shared_keys (base, run, key, shared)
with
often as (select key from often_named where run = {run:UInt32}),
now as (
    select distinct pair.1 as key
    from
    (
        select tied
        from ties_of_run(run = {run:UInt32})
        where event in (select event from key_events where base = {base:UInt32} and key in often)
    )
    array join arrayFlatten(
        arrayMap(
            one -> arrayMap(
                other -> (one.1, other.1, other.2),
                arrayFilter(other -> other.1 != one.1 and other.2 not in ('deal', 'call', 'session'), tied)),
            arrayFilter(one -> one.2 not in ('lead', 'call', 'deal', 'session') and one.1 in often, tied))
    ) as pair
    group by pair.1, pair.3
    having uniqExact(pair.2) > {shared_key_limit:UInt32}
),
before as (
    select key
    from shared_keys_of_run(run = {previous:UInt32})
    where key in (select key from changed_keys where run = {run:UInt32})
)
select {base:UInt32}, {run:UInt32}, key, true from now where key not in (select key from before)
union all
select {base:UInt32}, {run:UInt32}, key, false from before where key not in (select key from now);

-- name: first_edges
-- Which ties hold: of no key that too many share? What is left of an event's keys hangs together by the first of them.
--
-- Who is named beside a shared key alone is not concerned by what becomes of it.
insert into tie_edges (run, round, one, other)
with
shared as (select key from shared_keys_of_run(run = {run:UInt32})),
concerned as (select key from concerned_keys where run = {run:UInt32}),
naming as (select event from key_events where base = {base:UInt32} and key in concerned)
select distinct {run:UInt32}, 0, least(tying[1], other), greatest(tying[1], other)
from
(
    select arrayFilter(key -> key not in shared, tied.1) as tying
    from ties_of_run(run = {run:UInt32})
    where {since:Int64} = 0 or event in naming
)
array join arrayFilter(key -> key != tying[1], tying) as other
where {since:Int64} = 0 or tying[1] in concerned;

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
insert into person_keys (base, run, key, person)
select {base:UInt32}, {run:UInt32}, key, root
from key_roots
where run = {run:UInt32} and round + 1 = {round:UInt8}
