-- name: model_sales
-- How many cars of each model did each dealer sell in each month, the account's, of these kinds of deals?
--
-- Sales that name no model stand under an empty one.
select
    toString(toStartOfMonth(toDate(at, {timezone:String}))) as month, toString(dealer) as dealer,
    toString(product) as model, count() as sales
from conversions_of_run(run = {run:UInt32})
where
    kind = 'sale' and dealer != '' and has({kinds:Array(String)}, toString(deal_kind))
    and toDate(at, {timezone:String}) between {from:Date} and {to:Date}
group by month, dealer, model
order by month, dealer, model
