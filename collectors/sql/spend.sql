-- name: expenses_of_days
-- What was spent in each period that touches these days, under which marks, and which source told it?
--
-- Rows of no cost count too: where they are handed on, they replace what was handed on before.
select
    `from`, `to`, source, medium, campaign, content, cost, currency, clicks, impressions, vat_included,
    JSONExtractString(properties, 'collected_from') as collected_from
from spend final
where `to` >= {first:Date} and `from` <= {last:Date} and source != ''
order by `from`, `to`, id
