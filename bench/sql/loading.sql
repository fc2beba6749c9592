-- name: count_touches
-- How many rows did the round bring?
select count() from touches;

-- name: forget_touches
-- Make room for the next round.
truncate table touches
