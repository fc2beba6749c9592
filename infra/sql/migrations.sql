-- name: create_migrations
-- The table of migrations that were run here.
create table if not exists warehouse_migrations
(
    package String,
    name String,
    checksum String,
    ran_at DateTime default now()
)
engine = MergeTree
order by (package, name);

-- name: list_migrations
-- Which migrations were run here, and what they looked like then?
select package, name, checksum
from warehouse_migrations
