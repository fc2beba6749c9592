-- An origin keeps all that channel rules look at, so that other rules can be tried on what was there.

alter table origins
    add column if not exists clicks LowCardinality(String),
    add column if not exists referrer_host LowCardinality(String);
