-- Looking a visitor up: landing tables are ordered by id, so that only an index tells which granules hold a visitor.

alter table touches add index if not exists touches_by_visitor visitor_id type bloom_filter(0.01) granularity 1;

alter table touches materialize index touches_by_visitor;

alter table actions add index if not exists actions_by_visitor visitor_id type bloom_filter(0.01) granularity 1;

alter table actions materialize index actions_by_visitor;
