"""What each parameter means: the same wherever it stands, but for what a single operation says otherwise."""

from typing import Any, Final

from attribution.calls import Whose
from attribution.cohorts import Start
from attribution.dealers import Peers
from attribution.experiments.design import Design, Unit
from attribution.feed.entities import ENTITY_SETS
from attribution.maturity import Since
from attribution.models import Model
from attribution.question import Calendar
from attribution.runs import KINDS
from attribution.self_reported import Reported
from attribution.sharing import DealerShare
from collectors.events import FAMILIES
from planning.response.reporting import By

_DAY: Final[dict[str, Any]] = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "maxLength": 0}]}
_GROUPINGS_OF_OPPORTUNITIES: Final = "None, one or two groupings, with a comma between."

WORDS: Final[dict[str, str]] = {
    "$count": "`true` tells `@odata.count`: how many rows meet the condition, on all pages.",
    "$filter": "A condition, such as `Day ge 2026-01-01 and contains(Campaign,'sale')`.",
    "$format": "`json`, which is the only one.",
    "$orderby": "Columns with commas, each with `desc` behind it where the largest comes first.",
    "$select": "Columns with commas; all unless said.",
    "$skip": "After so many rows.",
    "$skiptoken": "Where a page begins; `@odata.nextLink` has it.",
    "$top": "At most so many rows.",
    "activity": "Of this activity alone, by its number.",
    "assignee": "Of this user alone, by their e-mail.",
    "brief": "Of this brief alone, by its number.",
    "channel": "Of this channel alone.",
    "closed": "Only closed ones, or only open ones.",
    "comment": "Number of the comment.",
    "contractor": "Of this contractor alone.",
    "late": "Only those past their due day.",
    "month": "Of this month alone, such as 2027-03.",
    "accuracy": "Wanted shares of visits in percent, with commas between.",
    "api_secret": "The write key.",
    "approval": "Id of the approval.",
    "baseline_weeks": "How long before that is compared.",
    "based_on": "The revision that was looked at.",
    "by": "Groupings, with commas between.",
    "calendar": "By which date a conversion counts: its own, or its touch's.",
    "call": "`track`, `identify`, `page`, `screen`, `group`, `alias`, `batch`, `import`, or the first letter.",
    "compare": "From two to five models, with commas.",
    "control": "Units that are not switched, with commas; all others unless said.",
    "currency": "An ISO 4217 code.",
    "day": "A day, `2026-01-31`.",
    "dealer": "Of this dealer alone; `(none)` for what names none.",
    "delay": "Minutes from the beginning of such a visit to its call.",
    "design": "Whether units are compared with others, or with themselves before.",
    "direct": "The channel that last non-direct passes over.",
    "direction": "Of this direction alone, by its id.",
    "brand": "Of this brand alone.",
    "handling_s": "Seconds that a call takes with what follows it.",
    "patience_s": "Seconds after which callers hang up, on average.",
    "service_level": "Share of calls that is to be answered in time.",
    "way": "`shifts` that the call centre has, or single `hours`.",
    "within_s": "What in time is, in seconds.",
    "duration": "Minutes that such a visit lasts.",
    "entity_set": "The table.",
    "experiment": "Only the one of this id.",
    "family": "The family of events.",
    "folded": "Whether a step that comes several times in a row is told once.",
    "filled": "Which figures of last year stand in it.",
    "format": "The form of the answer.",
    "from": "First day, `2026-01-31`, in the account's time zone; the last twelve months unless said.",
    "id": "Id of the conversion.",
    "item": "Only this item, by its id.",
    "key": "What it is known by.",
    "kind": "Kind of conversion.",
    "late_minutes": "A response after more than this is late.",
    "lead": "Only this lead, by its id.",
    "level": "Only rows of this level.",
    "letters": "With the part that puts the visit's number into addresses of letters.",
    "limit": "At most so many at once.",
    "lookback": "For how many days a touch counts; as the settings say unless said.",
    "map": "What is which column, `ours=theirs`. Can be given several times.",
    "measure": "The measure that is shown.",
    "measures": "Which measures the rows have, with commas, in this order.",
    "model": "By which model conversions are credited to touches.",
    "models": "Models of single measures, `leads:first,sales:linear`; for all others `model` holds.",
    "months": "How many months ahead.",
    "most": "So many of each reason.",
    "name": "The name by which reports ask for it.",
    "next": "The `next` of the answer before, for the page behind it.",
    "number": "The visit's number, in any spelling.",
    "of": "What a step is called by.",
    "order": "Order of the Markov chain, 1 to 4.",
    "peers": "With whom each dealer is compared.",
    "period": "A period by its name; the last 30 days unless said.",
    "plan": "Id of the plan.",
    "predict": "Whether LTV is predicted, too.",
    "preset": "In place of rules, a preset that ships; it must be of this family.",
    "programme": "Of this fund programme alone, by its number.",
    "q": "A phone in any spelling, an e-mail, or the id of a lead, a deal or a CRM's contact.",
    "rank": "A grouping or a column, with `-` before it the largest first.",
    "reason": "Only this rule of noise.",
    "separator": "What stands between the steps of a path.",
    "share": "How cost that names no dealer is shared out.",
    "since": "From when a conversion's lag counts.",
    "site": "Id of the site; needed where there are several.",
    "slug": "The vendor.",
    "sort": "A measure, or one of the groupings; with `-` before it, the largest first.",
    "stage": "Only of this stage, by its id.",
    "start": "What persons begin with.",
    "state": "Only those that stand so.",
    "step": "`day` or `week`; days up to two months unless said.",
    "target": "Only this CRM.",
    "test": "Units that are to be switched, with commas between.",
    "timezone": "Zone of times that name none, such as `Europe/Moscow`.",
    "to": "Last day, `2026-01-31`, inclusive; today unless said.",
    "token": "The secret of the source's address.",
    "unit": "What is switched.",
    "unprocessed_hours": "Without a response for so long a lead is unprocessed.",
    "upto": "The last month that counts.",
    "version": "An earlier version, whose rules are then told.",
    "visits": "Visits in the busiest hour: then nothing is measured.",
    "weeks": "How long it is to be switched.",
    "what": "Part of what was changed, such as `user ivan@example.com`.",
    "where": "Only what meets all these conditions: `channel:email|maps,-dealer:north`.",
    "who": "Part of a name.",
    "whose": "A person's first call to the holding, or to each dealer.",
    "window": "Days in which a person's further call is a repeat one, and an unanswered one can be called back.",
}

OF_ONE_OPERATION: Final[dict[tuple[str, str], str]] = {
    ("/api/audit", "limit"): "At most so many changes.",
    **dict.fromkeys(
        ((f"/api/media-plans{rest}", "month") for rest in ("", "/items", "/reallocations")),
        "A month, `2026-11`; this one unless said.",
    ),
    ("/api/media-plans/calendar", "from"): "First day, `2026-01-31`; three months ago unless said.",
    ("/api/media-plans/calendar", "to"): "Last day, inclusive; in a year unless said.",
    ("/api/media-plans/calendar.ics", "from"): "First day, `2026-01-31`; three months ago unless said.",
    ("/api/media-plans/calendar.ics", "to"): "Last day, inclusive; in a year unless said.",
    ("/api/forecasts", "dealer"): "Of this dealer alone.",
    ("/api/forecasts", "level"): "`holding`, `direction`, `dealer` or `line` (a dealer's direction); all unless said.",
    ("/api/forecasts", "measure"): "`sales`, `leads`, `calls` or `service_visits`; all unless said.",
    ("/api/forecasts", "months"): "How many months ahead, from the one that is not over; 1 to 18.",
    ("/api/models", "by"): "What the journeys lead through, by the name of its column.",
    ("/api/models", "map"): "Which column is which, `path=route`. Can be given several times.",
    ("/api/notices", "state"): "`open`, `acknowledged` or `ended`, with commas between.",
    ("/api/overview", "from"): "First day, in place of a period's name.",
    ("/api/overview", "to"): "Last day, inclusive.",
    ("/api/funds/activities", "state"): "Only those that stand so; can be given several times.",
    ("/api/funds/activities", "dealer"): "Of this dealer alone.",
    ("/api/funds/ageing", "dealer"): "Of this dealer alone.",
    ("/api/funds/balances", "dealer"): "Of this dealer alone.",
    ("/api/funds/entries", "dealer"): "Of this dealer alone.",
    ("/api/acts", "state"): "Only those that stand so; can be given several times.",
    **dict.fromkeys((("/api/stock", "dealer"), ("/api/stock-need", "dealer")), "Of this dealer alone."),
    ("/api/briefs", "dealer"): "Of this dealer alone, or of their brand.",
    ("/api/tasks", "dealer"): "Of this dealer alone, or of their brand.",
    ("/api/tasks", "kind"): "Only of these kinds; can be given several times.",
    ("/api/tasks", "state"): "Only those that stand so; can be given several times.",
    ("/api/rates", "currency"): "Only the rates of this currency.",
    ("/api/rejections", "family"): "Only those of this family.",
    ("/api/reports/calls", "by"): "One or two groupings of calls, with a comma between.",
    ("/api/reports/cohorts", "by"): _GROUPINGS_OF_OPPORTUNITIES + " With `age`, a row for each month since.",
    ("/api/reports/contractors", "by"): "`contractor`, or `contractor,month` for its history.",
    ("/api/reports/conversions", "by"): "Means nothing here: a report's whole address may be given.",
    ("/api/reports/conversions", "kind"): "Only conversions of this kind; all unless said.",
    ("/api/reports/conversions", "measures"): "Means nothing here: a report's whole address may be given.",
    ("/api/reports/conversions", "sort"): "Means nothing here: a report's whole address may be given.",
    ("/api/reports/dealers", "measures"): "Which measures are compared, with commas.",
    ("/api/reports/funnel", "by"): _GROUPINGS_OF_OPPORTUNITIES,
    ("/api/reports/lost-leads", "by"): _GROUPINGS_OF_OPPORTUNITIES,
    ("/api/reports/maturity", "by"): "`day`, `week` or `month`.",
    ("/api/reports/maturity", "kind"): "Since a lead, a stage; since a touch, a kind of conversion.",
    ("/api/reports/models", "by"): "`channel`, or `campaign` for each channel with each of its campaigns.",
    ("/api/reports/noise", "by"): "`reason`, `family`, `day`, or a grouping by what touches name.",
    ("/api/reports/open-deals", "by"): _GROUPINGS_OF_OPPORTUNITIES,
    ("/api/reports/performance", "by"): "One or two of `dealer`, `brand`, `manager`, `product`, `kind`, with a comma.",
    ("/api/reports/romi", "by"): "From one to four groupings, with commas between.",
    ("/api/reports/self-reported", "of"): "Whose answers: those of leads, or of sales.",
    ("/api/reports/staffing", "by"): "`hour`, `weekday`, or `weekday,hour`.",
    ("/i", "key"): "The write key; unless said, the `aid` of the event is.",
    ("/snowplow/{key}/i", "key"): "The write key.",
    ("/com.snowplowanalytics.snowplow/tp2", "key"): "The write key; unless said, the `aid` of all events is.",
    ("/snowplow/{key}/com.snowplowanalytics.snowplow/tp2", "key"): "The write key.",
}  # fmt: skip

CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "calendar": tuple(Calendar),
    "design": tuple(Design),
    "entity_set": tuple(ENTITY_SETS),
    "kind": KINDS,
    "model": tuple(Model),
    "peers": tuple(Peers),
    "share": tuple(DealerShare),
    "since": tuple(Since),
    "start": tuple(Start),
    "unit": tuple(Unit),
    "whose": tuple(Whose),
}

CHOICES_OF_ONE_OPERATION: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("/api/rejections", "family"): (),
    ("/api/reports/maturity", "kind"): (),
    ("/api/stock-need", "model"): (),
    ("/api/reports/models", "by"): ("channel", "campaign"),
    ("/api/response-curves", "by"): tuple(By),
    ("/api/reports/self-reported", "of"): tuple(Reported),
    ("/api/reports/staffing", "by"): ("hour", "weekday", "weekday,hour"),
    ("/collect/{family}", "family"): tuple(FAMILIES),
}


def described(path: str, parameter: dict[str, Any]) -> dict[str, Any]:
    """The parameter with its meaning, and what can be chosen. Raises `KeyError` for a name that nobody told."""
    name = parameter["name"]
    words = parameter.get("description") or OF_ONE_OPERATION.get((path, name)) or WORDS[name]
    return {**parameter, "description": words, "schema": _chosen(path, name, parameter["schema"])}


def _chosen(path: str, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    if name in ("from", "to"):
        return _DAY
    choices = CHOICES_OF_ONE_OPERATION.get((path, name), CHOICES.get(name, ()))
    if not choices or schema.get("type") != "string":
        return schema
    usual = schema.get("default")
    return {**schema, "enum": [*choices, *([""] if usual == "" else [])]}
