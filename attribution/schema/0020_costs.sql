-- What costs are told (copied before each run), and how spend finds the touches that it paid for.

create table if not exists currency_rates
(
    run UInt32,
    currency LowCardinality(String),
    date Date,
    rate Decimal(24, 10)
)
engine = MergeTree
partition by run
order by (currency, date);

create table if not exists same_campaigns
(
    run UInt32,
    source String,
    medium String,
    campaign String,
    touch_source String,
    touch_medium String,
    touch_campaign String
)
engine = MergeTree
partition by run
order by (source, medium, campaign);

alter table contractor_fees
    add column if not exists fee UInt32,
    add column if not exists currency LowCardinality(String),
    add column if not exists steps String default '[]',
    add column if not exists steps_of LowCardinality(String) default 'whole',
    add column if not exists minimum Decimal(18, 4),
    add column if not exists maximum Nullable(Decimal(18, 4));

-- Names that spend, or touches, bear, each with its plain form (`plain_…`): what is left of a name without case,
-- separators and the difference between Cyrillic and Latin letters. `others` are names that the ad system has for it.
create table if not exists cost_names
(
    run UInt32,
    side LowCardinality(String),
    source String,
    medium String,
    campaign String,
    content String,
    others Array(String),
    ids Array(String),
    channel LowCardinality(String),
    contractor LowCardinality(String),
    weight UInt64,
    plain_source String,
    plain_medium String,
    plain_campaign String,
    plain_content String,
    plain_others Array(String)
)
engine = MergeTree
partition by run
order by (side, source, medium, campaign, content);

-- Each campaign of spend, and the names under which its touches stand.
create table if not exists spend_campaigns
(
    run UInt32,
    source String,
    medium String,
    campaign String,
    rule LowCardinality(String),
    touch_source String,
    touch_medium String,
    touch_campaign String,
    touch_channel LowCardinality(String),
    touch_contractor LowCardinality(String)
)
engine = MergeTree
partition by run
order by (source, medium, campaign);

-- Each kind of spend: the names that it came with, those under which its touches stand, and the rule that says so.
create table if not exists spend_origins
(
    run UInt32,
    origin UInt64,
    source String,
    medium String,
    campaign String,
    content String,
    contractor String,
    region String,
    rule LowCardinality(String),
    touch_source String,
    touch_medium String,
    touch_campaign String,
    touch_content String,
    channel LowCardinality(String),
    owner LowCardinality(String)
)
engine = MergeTree
partition by run
order by origin;

-- What was agreed with a contractor for a month. Amounts are ten-thousandths, percents trillionths of one; no maximum is -1,
-- and the price of a lead is still to be divided by 10000000000.
create table if not exists fee_months
(
    run UInt32,
    fee UInt32,
    contractor LowCardinality(String),
    month Date,
    first_held Date,
    last_held Date,
    percent Int256,
    steps_of LowCardinality(String),
    steps Array(Tuple(Int256, Int256)),
    fixed_units Int256,
    minimum_units Int256,
    maximum_units Int256,
    lead_price Int256
)
engine = MergeTree
partition by run
order by (fee, month);

-- The rows that a month's fee goes by.
create table if not exists fee_bases
(
    run UInt32,
    fee UInt32,
    month Date,
    part LowCardinality(String),
    date Date,
    origin UInt64,
    dealer LowCardinality(String),
    brand LowCardinality(String),
    units Int256
)
engine = MergeTree
partition by run
order by (fee, month, part);

-- Money that no rate turns into the account's currency. It is in no sum.
create table if not exists missing_rates
(
    run UInt32,
    family LowCardinality(String),
    currency LowCardinality(String),
    first_day Date,
    last_day Date,
    events UInt64,
    amount Decimal(18, 4)
)
engine = MergeTree
partition by run
order by (family, currency);

-- What one unit of a currency is worth in the account's, from each date on. Joined `asof`, on the currency and on a day not
-- before `date`, it gives 0 where no rate is known. Money that names no currency is in the account's.
create view if not exists rates_of_run as
select currency, date, rate from currency_rates where run = {run:UInt32} and currency not in ('', {currency:String})
union all
select arrayJoin(arrayDistinct(['', {currency:String}])), toDate('1970-01-01'), toDecimal128(1, 10);

create view if not exists cost_names_of_run as
select * from cost_names where run = {run:UInt32};

create view if not exists spend_origins_of_run as
select * from spend_origins where run = {run:UInt32};

create view if not exists missing_rates_of_run as
select * from missing_rates where run = {run:UInt32};
