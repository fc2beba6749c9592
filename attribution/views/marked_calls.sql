-- Incoming calls of callers who show their number, with the groups in which rules judge them. Blocks of a hundred numbers
-- overlap by half, so that no row of fifty numbers is cut.
select
    id, toUnixTimestamp64Milli(started_at) as ms, toUInt64OrZero(substring(caller, 2)) as number,
    cityHash64(caller) as of_caller,
    [intDiv(number, 100) * 2 + 2, intDiv(number + 50, 100) * 2 + 3] as of_blocks
from calls final
where direction != 'out' and startsWith(caller, '+')
