-- Where an advertisement was shown: posters and regional broadcasting belong to a region.
alter table spend add column if not exists region LowCardinality(String) after dealer
