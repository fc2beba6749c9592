-- name: list_views
-- Which views are here, and which checksum does each bear?
select name, comment from system.tables where database = currentDatabase() and engine = 'View'
