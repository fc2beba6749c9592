-- name: create_sink
-- Where do sorted rows go? Nowhere.
create table sink (visitor_id UInt64, ts DateTime64(3), channel String, converted UInt8, value Float64) engine = Null;

-- name: sort_touches
-- Read the columns that models need, and sort them as journeys need them: nothing more.
insert into sink
select visitor_id, ts, channel, converted, value from file(
    {file:String}, Parquet, 'visitor_id UInt64, ts DateTime64(3), channel String, converted UInt8, value Float64')
order by visitor_id, ts
