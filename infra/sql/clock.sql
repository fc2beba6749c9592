-- name: warehouse_time
-- What time is it by the warehouse's clock?
select now64(3, 'UTC')
