-- name: known_until
-- When was the last lead, call or stage of a deal heard of, before the run began? 1970 where there is none.
with
fromUnixTimestamp64Milli({started_at:Int64}, 'UTC') as upto
select greatest(
    (select maxIf(created_at, created_at <= upto) from leads),
    (select maxIf(started_at, started_at <= upto) from calls),
    (select maxIf(occurred_at, occurred_at <= upto) from deals)) as until
