-- name: newest_arrival
-- When did the newest event come in, whatever its family, by the collectors' clock?
select max(newest) from
(
    select max(received_at) as newest from touches
    union all
    select max(received_at) from calls
    union all
    select max(received_at) from leads
    union all
    select max(received_at) from deals
    union all
    select max(received_at) from spend
    union all
    select max(received_at) from messages
    union all
    select max(received_at) from actions
    union all
    select max(received_at) from profiles
)
