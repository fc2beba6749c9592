-- When each row came into the warehouse, by the engine's clock: what is derived from events goes on from there.

alter table touches add column if not exists loaded_at DateTime64(3, 'UTC') default now64(3, 'UTC');
alter table touches materialize column loaded_at;
alter table touches add index if not exists loaded_at_index loaded_at type minmax;
alter table calls add column if not exists loaded_at DateTime64(3, 'UTC') default now64(3, 'UTC');
alter table calls materialize column loaded_at;
alter table leads add column if not exists loaded_at DateTime64(3, 'UTC') default now64(3, 'UTC');
alter table leads materialize column loaded_at;
alter table deals add column if not exists loaded_at DateTime64(3, 'UTC') default now64(3, 'UTC');
alter table deals materialize column loaded_at;
alter table spend add column if not exists loaded_at DateTime64(3, 'UTC') default now64(3, 'UTC');
alter table spend materialize column loaded_at;
alter table messages add column if not exists loaded_at DateTime64(3, 'UTC') default now64(3, 'UTC');
alter table messages materialize column loaded_at;
alter table actions add column if not exists loaded_at DateTime64(3, 'UTC') default now64(3, 'UTC');
alter table actions materialize column loaded_at;
alter table profiles add column if not exists loaded_at DateTime64(3, 'UTC') default now64(3, 'UTC');
alter table profiles materialize column loaded_at;
