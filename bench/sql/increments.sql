-- name: some_visitors
-- Which visitors, from among all, come once more?
with (select greatest(1, intDiv(uniq(visitor_id), 2 * {visitors:UInt32})) from touches) as one_in
select distinct visitor_id from touches where sipHash64(visitor_id, {mark:String}) % one_in = 0 limit {visitors:UInt32}
