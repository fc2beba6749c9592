-- name: places
-- Which places do the actions name, each as often as there are actions of it?
select groupArray(JSONExtractString(properties, 'place')) from actions final
