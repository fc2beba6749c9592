-- name: name_costs
-- Which names do spend and touches bear, and what is left of each without case, separators and alphabet?
--
-- Of touches those count that reports show: by a site visit, or by credit. The plain form is here and nowhere else:
-- accents are off, Cyrillic is Latin as most transliterate it, spellings of one letter are one, and between two numbers
-- stands one separator, elsewhere none.
insert into cost_names
with
[
    ('kh', 'h'), ('ж', 'zh'), ('х', 'h'), ('ц', 'c'), ('ч', 'ch'), ('ш', 'sh'), ('щ', 'sch'), ('ю', 'iu'), ('я', 'ia'),
    ('ъ', ''), ('ь', ''), ('shch', 'sch'), ('ts', 'c'), ('tz', 'c'), ('shch', 'sch'), ('chch', 'cch'), ('ph', 'f'),
    ('x', 'ks'), ('w', 'v'), ('y', 'i'), ('j', 'i')
] as letters,
brought as (
    select origin, sum(times) as weight
    from
    (
        select origin, sum(sessions) as times from sessions_of_run(run = {run:UInt32}) group by origin having times > 0
        union all
        select origin, toInt64(count()) from credits_of_run(run = {run:UInt32}) where origin != 0 group by origin
    )
    group by origin
),
touched as (
    select
        o.source as source, o.medium as medium, o.campaign as campaign, o.content as content,
        argMax(o.channel, (b.weight, o.channel)) as channel, argMax(o.contractor, (b.weight, o.contractor)) as contractor,
        toUInt64(sum(b.weight)) as weight
    from brought as b
    inner join (select * from origins where base = {base:UInt32}) as o on b.origin = o.origin
    group by source, medium, campaign, content
),
spent as (
    select
        source, medium, campaign, content,
        groupUniqArrayIf(JSONExtractString(properties, 'campaign_name') as name, name not in ('', campaign)) as others,
        arrayFilter(
            id -> match(id, '^\\d{5,}$'),
            arrayPushBack(groupUniqArray(JSONExtractString(properties, 'campaign_id')), campaign)) as ids
    from spend final
    group by source, medium, campaign, content
),
named as (
    select
        'touches' as side, source, medium, campaign, content, emptyArrayString() as others,
        extractAll(campaign, '\\d{5,}') as ids, toString(channel) as channel, toString(contractor) as contractor, weight
    from touched
    union all
    select 'spend', source, medium, campaign, content, others, arrayDistinct(ids), '', '', 0 from spent
),
latin as (
    select
        *,
        arrayMap(
            name -> arrayFold(
                (text, letter) -> replaceAll(text, letter.1, letter.2),
                letters,
                translateUTF8(
                    replaceRegexpAll(normalizeUTF8NFD(lowerUTF8(name)), '\\p{M}', ''),
                    'абвгдезиклмнопрстуфыэєіґ', 'abvgdeziklmnoprstufieeig')),
            arrayConcat([source, medium, campaign, content], others)
        ) as names
    from named
),
spaced as (
    select *, arrayMap(name -> replaceRegexpAll(replaceRegexpAll(name, '[^\\pL\\pN]+', ' '), '(\\pN+)', '_\\1_'), names) as words
    from latin
),
plain as (
    select
        *,
        arrayMap(
            name -> replaceRegexpAll(replaceRegexpAll(replaceAll(name, ' ', ''), '_+', '_'), 'ii+', 'i'), words
        ) as forms
    from spaced
)
select
    {run:UInt32}, side, source, medium, campaign, content, others, ids, channel, contractor, weight,
    forms[1], forms[2], forms[3], forms[4], arraySlice(forms, 5)
from plain;

-- name: was_any_spent
-- Is any spend told?
select count() > 0 from spend;

-- name: match_campaigns
-- Under which names do the touches stand that each campaign's spend paid for, and which rule says so?
--
-- Rules in order: `hand`, what people said is the same; `id`, the campaign's id stands in utm_campaign of touches of that
-- source; `utm`, the names are the same letter by letter; `tolerant`, their plain forms are the same. Spend that names no
-- medium takes that of the touches where they have but one. Of several touches' names that fit the most frequent holds.
-- Spend that names no campaign is matched with its source and medium. `none` keeps the names that it came with.
insert into spend_campaigns
with
spent as (
    select
        source, medium, campaign, any(plain_source) as p_source, any(plain_medium) as p_medium,
        any(plain_campaign) as p_campaign, arraySort(groupUniqArrayArray(others)) as names,
        arraySort(groupUniqArrayArray(plain_others)) as p_names, arraySort(groupUniqArrayArray(ids)) as marks
    from cost_names
    where run = {run:UInt32} and side = 'spend' and concat(source, medium, campaign) != ''
    group by source, medium, campaign
),
touched as (
    select
        source, medium, of as campaign, any(plain_source) as p_source, any(plain_medium) as p_medium,
        any(if(of = '', '', plain_campaign)) as p_campaign,
        arraySort(groupUniqArrayArray(if(of = '', emptyArrayString(), ids))) as marks,
        argMax(channel, (cost_names.weight, channel)) as channel,
        argMax(contractor, (cost_names.weight, contractor)) as contractor, sum(cost_names.weight) as times
    from cost_names
    array join arrayDistinct([campaign, '']) as of
    where run = {run:UInt32} and side = 'touches' and concat(source, medium, campaign) != ''
    group by source, medium, of
),
of_one_medium as (
    select
        t.p_source as p_source, t.p_campaign as p_campaign, argMax(t.source, (t.times, t.source)) as source,
        if(uniqExact(t.medium) = 1, any(t.medium), '') as medium, argMax(t.campaign, (t.times, t.campaign)) as campaign,
        sum(t.times) as times
    from touched as t
    where p_source != ''
    group by p_source, p_campaign
),
wanted as (
    select source, medium, campaign, wish.1 as rank, wish.2 as key
    from spent
    array join arrayConcat(
        arrayMap(id -> (2, ('id', p_source, '', id)), marks),
        arrayMap(name -> (3, ('utm', source, medium, name)), arrayPushFront(names, campaign)),
        arrayMap(
            name -> (4, ('tolerant', p_source, p_medium, name)),
            arrayFilter(name -> name != '' or campaign = '', arrayPushFront(p_names, p_campaign))),
        arrayMap(
            name -> (5, ('tolerant', p_source, '(any)', name)),
            arrayFilter(name -> medium = '' and (name != '' or campaign = ''), arrayPushFront(p_names, p_campaign)))
    ) as wish
),
offered as (
    select offer as key, (source, medium, campaign) as names, times
    from touched
    array join arrayConcat(
        arrayMap(id -> ('id', p_source, '', id), marks),
        [('utm', source, medium, campaign), ('tolerant', p_source, p_medium, p_campaign)]
    ) as offer
    union all
    select ('tolerant', p_source, '(any)', p_campaign), (source, medium, campaign), times from of_one_medium
),
told as (
    select
        source, medium, campaign, 1 as rank, 'hand' as rule, (touch_source, touch_medium, touch_campaign) as names,
        toUInt64(0) as times
    from same_campaigns
    where run = {run:UInt32}
    union all
    select w.source, w.medium, w.campaign, w.rank, w.key.1, o.names, o.times
    from wanted as w
    inner join offered as o on w.key = o.key
),
matched as (
    select
        source, medium, campaign, min((rank, names.3 != campaign, -toInt64(times), names, rule)) as best,
        best.5 as chosen_rule, best.4 as chosen
    from told
    group by source, medium, campaign
),
placed as (
    select
        s.source as source, s.medium as medium, s.campaign as campaign, if(m.chosen_rule = '', 'none', m.chosen_rule) as rule,
        if(m.chosen_rule = '', (s.source, s.medium, s.campaign), m.chosen) as names
    from (select distinct source, medium, campaign from spend final) as s
    left join matched as m on s.source = m.source and s.medium = m.medium and s.campaign = m.campaign
)
select
    {run:UInt32}, p.source, p.medium, p.campaign, p.rule, p.names.1, p.names.2, p.names.3,
    if(p.names.3 = '', '', t.channel), t.contractor
from placed as p
left join touched as t on p.names.1 = t.source and p.names.2 = t.medium and p.names.3 = t.campaign;

-- name: match_spend
-- Under which names, content included, do the touches stand that each kind of spend paid for?
--
-- Within the campaign's touches: the content letter by letter, the ad's id within it, its plain form; else its own. With
-- a campaign that touches have it is in the channel of most of them; else in the one that the rules say. The origin is of
-- the names that spend came with and of all that is said of them: where that changes, it is another one.
insert into spend_origins
with
of_campaigns as (
    select
        source, medium, campaign, rule, (touch_source, touch_medium, touch_campaign) as names, touch_channel, touch_contractor
    from spend_campaigns
    where run = {run:UInt32}
),
contents as (
    select
        (source, medium, campaign) as names, content, plain_content as p_content, extractAll(content, '\\d{5,}') as marks,
        weight
    from cost_names
    where run = {run:UInt32} and side = 'touches' and content != ''
),
offered_contents as (
    select names, content, offer.1 as rank, offer.2 as key, weight
    from contents
    array join arrayConcat(arrayMap(id -> (2, id), marks), [(1, content), (3, p_content)]) as offer
),
spent_contents as (
    select distinct c.names as names, s.content as content, s.plain_content as p_content
    from (select * from cost_names where run = {run:UInt32} and side = 'spend' and content != '') as s
    inner join of_campaigns as c on s.source = c.source and s.medium = c.medium and s.campaign = c.campaign
),
matched_contents as (
    select w.names as names, w.content as content, min((w.rank, -toInt64(o.weight), o.content)).3 as touch_content
    from
    (
        select names, content, wish.1 as rank, wish.2 as key
        from spent_contents
        array join [(1, content), (2, content), (3, p_content)] as wish
        where key != ''
    ) as w
    inner join offered_contents as o on w.names = o.names and w.rank = o.rank and w.key = o.key
    group by names, content
),
resolved as (
    select
        s.source as source, s.medium as medium, s.campaign as campaign, s.content as content, s.contractor as contractor,
        s.region as region, c.rule as rule, c.names as names, if(t.touch_content = '', s.content, t.touch_content) as ad,
        if(c.touch_channel = '', toString(o.channel), toString(c.touch_channel)) as channel,
        multiIf(
            s.contractor != '', toString(s.contractor), c.touch_contractor != '', toString(c.touch_contractor),
            toString(o.contractor)) as owner
    from (select distinct source, medium, campaign, content, contractor, region from spend final) as s
    inner join of_campaigns as c on s.source = c.source and s.medium = c.medium and s.campaign = c.campaign
    left join matched_contents as t on c.names = t.names and s.content = t.content
    left join (select * from origins where base = {base:UInt32}) as o
        on cityHash64(s.source, s.medium, s.campaign, s.content, '', s.contractor, '', '', '', '') = o.origin
)
select
    {run:UInt32},
    cityHash64(
        'spend', source, medium, campaign, content, contractor, region, names.1, names.2, names.3, ad, channel, owner),
    source, medium, campaign, content, contractor, region, rule, names.1, names.2, names.3, ad, channel, owner
from resolved;

-- name: name_spend
-- Under which names, in which channel and with which contractor do reports show each kind of spend?
insert into origins (base, origin, channel, source, medium, campaign, content, term, contractor, device, region)
select
    {base:UInt32}, origin, channel, touch_source, touch_medium, touch_campaign, touch_content, '', owner, '', region
from spend_origins
where run = {run:UInt32} and origin not in (select origin from origins where base = {base:UInt32})
