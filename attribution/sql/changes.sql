-- name: looking_at
-- What time is it by the warehouse's clock, in ms since 1970?
select toUnixTimestamp64Milli(now64(3, 'UTC'));

-- name: first_unseen
-- When, in ms since 1970, came the first of the events that the newest run has not seen?
--
-- A place of the log is seen up to the offset that the run noted of its partition.
with
arrayZip({families:Array(String)}, {partitions:Array(UInt16)}) as places,
marked as (
    select 'touches' as family, log_partition, log_offset, loaded_at from touches where log_partition != 65535
    union all
    select 'calls', log_partition, log_offset, loaded_at from calls where log_partition != 65535
    union all
    select 'leads', log_partition, log_offset, loaded_at from leads where log_partition != 65535
    union all
    select 'deals', log_partition, log_offset, loaded_at from deals where log_partition != 65535
    union all
    select 'actions', log_partition, log_offset, loaded_at from actions where log_partition != 65535
    union all
    select 'profiles', log_partition, log_offset, loaded_at from profiles where log_partition != 65535
)
select toUnixTimestamp64Milli(min(loaded_at))
from marked
where
    indexOf(places, (family, log_partition)) = 0
    or log_offset > {offsets:Array(UInt64)}[indexOf(places, (family, log_partition))]
having count() > 0;

-- name: note_told
-- Which events have come, or come anew, since then?
--
-- `codes` are the touches that leads and deals make beside themselves: see `coded_touches`.
insert into told_events (run, family, id, event, version)
with
fromUnixTimestamp64Milli({since:Int64}, 'UTC') as since,
told as (
    select 'touches' as family, id, max(received_at) as version from touches where loaded_at >= since group by id
    union all
    select distinct 'leads', id, now64(6, 'UTC') from leads where loaded_at >= since
    union all
    select distinct 'calls', id, now64(6, 'UTC') from calls where loaded_at >= since
    union all
    select distinct 'deals', id, now64(6, 'UTC') from deals where loaded_at >= since
    union all
    select distinct 'actions', id, now64(6, 'UTC') from actions where loaded_at >= since
    union all
    select distinct 'profiles', id, now64(6, 'UTC') from profiles where loaded_at >= since
    union all
    select distinct 'codes', arrayJoin([concat('promo:lead:', id), concat('mail:lead:', id)]), now64(6, 'UTC')
    from leads
    where loaded_at >= since
    union all
    select distinct 'codes', concat('promo:deal:', deal_id), now64(6, 'UTC')
    from deals
    where loaded_at >= since or lead_id in (select id from leads where loaded_at >= since)
    union all
    select distinct 'codes', id, now64(6, 'UTC')
    from placed_of_run(run = {previous:UInt32})
    where
        (select count() from tracking_numbers where run = {run:UInt32} and startsWith(number, 'promo:')) > 0
        and not is_visit
        and startsWith(id, 'promo:deal:')
        and key in (
            select arrayJoin(keys)
            from event_keys_of_run(run = {previous:UInt32})
            where event in (select sipHash64(concat('deals:', id)) from deals where loaded_at >= since))
)
select {run:UInt32}, family, id, sipHash64(concat(family, ':', id)), version from told;

-- name: note_sessions
-- Of which sessions did events come?
insert into changed_sessions (run, session)
with fromUnixTimestamp64Milli({since:Int64}, 'UTC') as since
select distinct {run:UInt32}, session
from
(
    select if(session_id = '', cityHash64(id), cityHash64(session_id)) as session from touches where loaded_at >= since
    union all
    select cityHash64(session_id) from leads where loaded_at >= since and session_id != ''
    union all
    select cityHash64(session_id) from calls where loaded_at >= since and session_id != ''
);

-- name: see_touches
-- Which touches were there already, of the events that came and of their sessions?
insert into seen_touches
select
    {run:UInt32}, person, key, at, id, touch, version, origin, direct, dealer, session, is_visit, says_nothing, counts
from placed_of_run(run = {previous:UInt32})
where
    touch in (select event from told_events where run = {run:UInt32})
    or session in (select session from changed_sessions where run = {run:UInt32});

-- name: note_changes
-- Which events have changed? A version older than the one that is known is no change.
insert into changed_events (run, family, id, event)
select {run:UInt32}, told.family, told.id, told.event
from (select * from told_events where run = {run:UInt32}) as told
left any join
(
    select touch, version from seen_touches where run = {run:UInt32}
) as known on told.event = known.touch
where told.family != 'touches' or known.version <= told.version;

-- name: note_more_sessions
-- Of which others do touches change: of those that were in another session before, and of events that are noise from now on,
-- or are no more?
insert into more_sessions (run, session)
select distinct {run:UInt32}, session
from
(
    select if(session_id = '', cityHash64(id), cityHash64(session_id)) as session
    from touches
    where id in (select id from turned_events where run = {run:UInt32} and family = 'touches')
    union all
    select cityHash64(session_id)
    from leads
    where session_id != '' and id in (select id from turned_events where run = {run:UInt32} and family = 'leads')
    union all
    select cityHash64(session_id)
    from calls
    where session_id != '' and id in (select id from turned_events where run = {run:UInt32} and family = 'calls')
    union all
    select session
    from seen_touches
    where
        run = {run:UInt32} and session != 0
        and touch in (select event from changed_events where run = {run:UInt32})
)
where session not in (select session from changed_sessions where run = {run:UInt32});

-- name: add_sessions
-- They have changed as well.
insert into changed_sessions (run, session) select run, session from more_sessions where run = {run:UInt32};

-- name: are_more
-- Are there any of them, or events that turned?
select
    (select count() from more_sessions where run = {run:UInt32})
    + (select count() from changed_events where run = {run:UInt32} and not came) > 0;

-- name: see_more
-- Which touches were there already, of those?
insert into seen_touches
select
    {run:UInt32}, person, key, at, id, touch, version, origin, direct, dealer, session, is_visit, says_nothing, counts
from placed_of_run(run = {previous:UInt32})
where
    (
        touch in (select event from changed_events where run = {run:UInt32} and not came)
        or session in (select session from more_sessions where run = {run:UInt32})
    )
    and touch not in (select touch from seen_touches where run = {run:UInt32});

-- name: replace_events
-- Whose keys are named anew? The events that came, and the visits of changed sessions. Noise names what it named.
insert into replaced_events (base, run, event)
select {base:UInt32}, {run:UInt32}, event from changed_events where run = {run:UInt32} and came
union distinct
select {base:UInt32}, {run:UInt32}, sipHash64(concat('sessions:', session_id))
from
(
    select session_id from touches where loaded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') and session_id != ''
    union distinct
    select session_id from leads where loaded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') and session_id != ''
    union distinct
    select session_id from calls where loaded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') and session_id != ''
)
where session_id != '';

-- name: note_changed_keys
-- Which keys do changed events tie, or did they tie, and which are those of leads, calls and deals? Who merely came once more
-- is neither tied anew nor has other conversions. A deal's conversions depend on its lead even where both are untied.
insert into changed_keys (run, key)
select distinct {run:UInt32}, arrayJoin(keys)
from
(
    select if(length(keys) > 1 or kinds[1] = 'deal', keys, []) as keys
    from event_keys where base = {base:UInt32} and run = {run:UInt32}
    union all
    select if(length(keys) > 1 or kinds[1] = 'deal', keys, []) from event_keys_of_run(run = {previous:UInt32})
    where event in (select event from replaced_events where base = {base:UInt32} and run = {run:UInt32})
    union all
    select [sipHash64(concat('deal:', deal_id))] from deals
    where lead_id in (select id from changed_events where run = {run:UInt32} and family = 'leads')
    union all
    select [sipHash64(concat(if(family = 'leads', 'lead:', 'call:'), id))] from changed_events
    where run = {run:UInt32} and family in ('leads', 'calls')
);

-- name: note_new_sharing
-- Which keys were tied to one that too many share by now, or do no more?
insert into changed_keys (run, key)
with turned as (select key from shared_keys where base = {base:UInt32} and run = {run:UInt32})
select distinct {run:UInt32}, arrayJoin(keys)
from event_keys_of_run(run = {run:UInt32})
where
    event in (select event from key_events where base = {base:UInt32} and key in turned)
    and arrayExists(key -> key in turned, keys);

-- name: note_concerned_persons
-- Whose conversions are to be derived anew? A key that was tied to none was a person of its own.
insert into concerned_persons (run, person)
with changed as (select key from changed_keys where run = {run:UInt32})
select distinct {run:UInt32}, if(known.person = 0, changed.key, known.person)
from changed
left join
(
    select key, person from persons_of_run(run = {previous:UInt32}) where key in changed
) as known on changed.key = known.key;

-- name: note_concerned
-- Which keys were theirs?
insert into concerned_keys (run, key, person)
with persons as (select person from concerned_persons where run = {run:UInt32})
select {run:UInt32}, person, person from persons
union distinct
select {run:UInt32}, key, person from persons_of_run(run = {previous:UInt32}) where person in persons;

-- name: note_concerned_deals
-- Of which deals are conversions to be derived anew? Of those that are theirs, and those of their leads, with all events.
insert into concerned_events (run, family, id, about)
with
concerned as (select key from concerned_keys where run = {run:UInt32}),
theirs as (
    select deal_id
    from deals
    where
        sipHash64(concat('deal:', deal_id)) in concerned
        or lead_id != '' and sipHash64(concat('lead:', lead_id)) in concerned
)
select distinct {run:UInt32}, 'deals', id, deal_id from deals where deal_id in theirs;

-- name: note_concerned_requests
-- And which leads, those of such deals as well, and calls?
insert into concerned_events (run, family, id)
with concerned as (select key from concerned_keys where run = {run:UInt32})
select {run:UInt32}, 'leads', id from leads where sipHash64(concat('lead:', id)) in concerned
union distinct
select {run:UInt32}, 'leads', lead_id
from deals
where lead_id != '' and id in (select id from concerned_events where run = {run:UInt32} and family = 'deals')
union distinct
select {run:UInt32}, 'calls', id from calls where sipHash64(concat('call:', id)) in concerned;

-- name: replace_persons
-- Whose rows of earlier runs are dead? Those of the persons that were, and of those that came of them.
insert into replaced_persons (base, run, person)
select distinct {base:UInt32}, {run:UInt32}, arrayJoin([was.person, if(now.person = 0, was.key, now.person)])
from (select key, person from concerned_keys where run = {run:UInt32}) as was
left any join
(
    select key, person from person_keys where base = {base:UInt32} and run = {run:UInt32}
) as now on was.key = now.key;

-- name: note_moved
-- Which keys are another person's now, of those that touches may have? Touches of the events that came are known already, and
-- have the events' own keys.
insert into moved_keys (run, key, person)
with
without_touches as (
    select arrayJoin(
        arrayFilter(
            (key, kind, place) ->
                kind in ('session', 'phone', 'email', 'user', 'crm') or place = 1 and kind in ('lead', 'call', 'deal'),
            keys, kinds, arrayEnumerate(keys))) as key
    from event_keys
    where base = {base:UInt32} and run = {run:UInt32}
)
select distinct {run:UInt32}, was.key, was.person
from (select key, person from concerned_keys where run = {run:UInt32}) as was
left any join
(
    select key, person from person_keys where base = {base:UInt32} and run = {run:UInt32}
) as now on was.key = now.key
where was.person != if(now.person = 0, was.key, now.person) and was.key not in without_touches;

-- name: see_moved
-- And the touches of those keys?
insert into seen_touches
select
    {run:UInt32}, person, key, at, id, touch, version, origin, direct, dealer, session, is_visit, says_nothing, counts
from placed_of_run(run = {previous:UInt32})
where
    person in (select person from moved_keys where run = {run:UInt32})
    and key in (select key from moved_keys where run = {run:UInt32})
    and touch not in (select touch from seen_touches where run = {run:UInt32});

-- name: replace_touches
-- Which touches of earlier runs are placed anew, or are touches no more?
insert into replaced_touches (base, run, touch)
select {base:UInt32}, {run:UInt32}, touch from seen_touches where run = {run:UInt32};

-- name: count_changes
-- How many events have changed?
select count() from changed_events where run = {run:UInt32};

-- name: count_replaced
-- How many persons were replaced since the base, and how many rows of touches are there?
select
    (select count() from replaced_journeys where base = {base:UInt32}) as replaced,
    (select count() from person_touches where base = {base:UInt32}) as touches
