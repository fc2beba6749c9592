-- Who dialled, and whether the sender's own rule says that it is a target call.

alter table calls add column if not exists direction LowCardinality(String) after called;

alter table calls add column if not exists target Nullable(Bool) after status;
