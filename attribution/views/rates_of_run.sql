-- What one unit of a currency is worth in the account's, from each date on. Joined `asof`, on the currency and on a day not
-- before `date`, it gives 0 where no rate is known. Money that names no currency is in the account's.
select currency, date, rate from currency_rates where run = {run:UInt32} and currency not in ('', {currency:String})
union all
select arrayJoin(arrayDistinct(['', {currency:String}])), toDate('1970-01-01'), toDecimal128(1, 10)
