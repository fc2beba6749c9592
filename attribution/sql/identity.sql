-- name: name_keys
-- Which keys does each event name together, where it names several?
insert into event_keys (base, run, event, keys)
select {base:UInt32}, {run:UInt32}, event, keys
from named_keys(since = {since:Int64})
where
    length(keys) > 1
    and (
        {since:Int64} = 0
        or event in (select event from replaced_events where base = {base:UInt32} and run = {run:UInt32}));

-- name: find_shared
-- Of which keys has it changed whether too many share them? Such a key ties nobody.
insert into shared_keys (base, run, key, shared)
with
pairs as (
    select distinct key, neighbour
    from tied_pairs_of_run(run = {run:UInt32})
    where
        {since:Int64} = 0 or sipHash64(key) in (select key from changed_keys where run = {run:UInt32})
),
now as (
    select distinct sipHash64(pairs.key) as hash
    from pairs
    where not match(key, '^(lead|call|deal|session):') and not match(neighbour, '^(deal|call|session):')
    group by pairs.key, splitByChar(':', neighbour)[1]
    having count() > {shared_key_limit:UInt32}
),
before as (
    select key
    from shared_keys_of_run(run = {previous:UInt32})
    where key in (select key from changed_keys where run = {run:UInt32})
)
select {base:UInt32}, {run:UInt32}, hash, true from now where hash not in (select key from before)
union all
select {base:UInt32}, {run:UInt32}, key, false from before where key not in (select hash from now);

-- name: first_edges
-- Which ties hold: of no key that too many share?
insert into tie_edges (run, round, one, other)
with
shared as (select key from shared_keys_of_run(run = {run:UInt32}))
select distinct {run:UInt32}, 0, sipHash64(key) as one, sipHash64(neighbour) as other
from tied_pairs_of_run(run = {run:UInt32})
where
    key < neighbour
    and ({since:Int64} = 0 or one in (select key from concerned_keys where run = {run:UInt32}))
    and one not in shared and other not in shared;

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
