-- name: some_visitors
-- Which visitors come once more?
select distinct visitor_id from touches order by sipHash64(visitor_id, {mark:String}) limit {visitors:UInt32}
