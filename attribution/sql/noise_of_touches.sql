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
every_version as (select * from marked_touches(latest = false)),
newest as (select * from marked_touches(latest = true)),
near as (select * from near_touches where run = {run:UInt32}),
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'rapid_clicks'),
versions as (
    select id, of_visitor, ms
    from {versions:Identifier}
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
    from {newest:Identifier}
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
every_version as (select * from marked_touches(latest = false)),
newest as (select * from marked_touches(latest = true)),
near as (select * from near_touches where run = {run:UInt32}),
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'duplicate_click'),
versions as (
    select id, of_click, ms
    from {versions:Identifier}
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
    from {newest:Identifier}
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
every_version as (select * from marked_touches(latest = false)),
newest as (select * from marked_touches(latest = true)),
near as (select * from near_touches where run = {run:UInt32}),
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'shared_click_id'),
versions as (
    select id, of_visitor, click
    from {versions:Identifier}
    array join of_click_ids as click
    where occurred_at >= read_since and ({since:Int64} = 0 or click in asked)
),
shared as (
    select click from versions group by click having uniqExact(of_visitor) > {most:UInt32}
),
clicks as (
    select id, of_visitor, ms, click
    from {newest:Identifier}
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
every_version as (select * from marked_touches(latest = false)),
newest as (select * from marked_touches(latest = true)),
near as (select * from near_touches where run = {run:UInt32}),
asked as (select held from noise_groups where run = {run:UInt32} and reason = 'crowded_address'),
versions as (
    select id, of_visitor, of_address
    from {versions:Identifier}
    where occurred_at >= read_since and of_address != 0 and ({since:Int64} = 0 or of_address in asked)
),
crowded as (
    select of_address from versions group by of_address having uniqExact(of_visitor) > {most:UInt32}
),
clicks as (
    select id, of_visitor, ms, of_address
    from {newest:Identifier}
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
where most_visitors > {most:UInt32} and ms >= {judge_since:Int64}
