-- The keys of each event that tie. Where two of them are undone by hand, the one that is named later there does not count.
with
(
    select groupArray((least(sipHash64(one), sipHash64(other)), greatest(sipHash64(one), sipHash64(other))))
    from untied_keys
    where run = {run:UInt32}
) as untied
select
    event,
    arrayZip(keys, kinds) as named,
    if(
        empty(untied),
        named,
        arrayFold(
            (kept, key) -> if(
                arrayExists(other -> has(untied, (least(key.1, other.1), greatest(key.1, other.1))), kept),
                kept, arrayPushBack(kept, key)),
            named,
            arrayResize(named, 0))
    ) as tied
from event_keys_of_run(run = {run:UInt32})
