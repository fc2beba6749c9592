"""What a reader of the ROMI report must know, in words: the page and the terminal say the same."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from api.dates import dated
from api.numbers import written_in
from attribution.measures import Unit

Document = Mapping[str, Any]
"""A ROMI report as the API answers it."""

_MOST_PERIODS, _MOST_RATES = 3, 5
_KINDS = {"lead": "leads", "sale": "sales"}


def caveats_in_words(report: Document) -> list[str]:
    """A sentence each, the most important first; none for what needs no word."""
    return [*missing_rates_in_words(report), *_maturity(report), *_journeys(report)]


def computed_in_words(report: Document) -> str:
    """By which run and rules it was computed, and when, in the account's time zone."""
    run = report["run"]
    rules = f"channel rules v{run['rule_version']}" if run["rule_version"] else "the default channel rules"
    at = datetime.fromisoformat(report["computed_at"])
    return f"Computed {dated(at, 'dd MMM y, HH:mm')} in run {run['number']} with {rules}."


def to_come(report: Document) -> dict[str, str]:
    """What is still to come of each day, week or month of the rows that is not over yet, in percent."""
    maturity = report.get("maturity")
    if not maturity or maturity["by"] not in report["question"]["by"]:
        return {}
    return {each[maturity["by"]]: _percent(each["to_come"]) for each in maturity["periods"]}


def _maturity(report: Document) -> Iterator[str]:
    maturity = report["maturity"]
    if maturity is None:
        yield "Too few sales are known to say how many are still to come."
        return
    by, periods = maturity["by"], maturity["periods"]
    if periods:
        told = [f"{_percent(each['to_come'])} of {_named(by, each[by])}" for each in periods[: -_MOST_PERIODS - 1 : -1]]
        more = f", and less of {len(periods) - _MOST_PERIODS} before" if len(periods) > _MOST_PERIODS else ""
        yield f"Still to come of the sales that touches bring: {', '.join(told)}{more}."


def _named(by: str, first_day: str) -> str:
    day = date.fromisoformat(first_day)
    return dated(day, "MMM y") if by == "month" else f"{'the week of ' * (by == 'week')}{dated(day, 'dd MMM y')}"


def _journeys(report: Document) -> Iterator[str]:
    told = [
        f"{_percent(found['one_touch_share'])} of {name} come of one touch, {_percent(found['no_touch_share'])} of none"
        for kind, name in _KINDS.items()
        if (found := report["journeys"].get(kind))
    ]
    if told:
        yield f"{'; '.join(told)}. There all models agree."


def missing_rates_in_words(report: Mapping[str, Any]) -> Iterator[str]:
    """Which money is in no figure; nothing where there is none."""
    missing = report.get("missing_rates", [])
    if missing:
        told = [
            f"{written_in(Unit.MONEY, each['amount'])} {each['currency']} of {each['family']}"
            f" ({each['from']} – {each['to']})"
            for each in missing[:_MOST_RATES]
        ]
        more = f" and {len(missing) - _MOST_RATES} more" if len(missing) > _MOST_RATES else ""
        yield f"In no figure, as no exchange rate is known: {', '.join(told)}{more}; see `closedloop rates`."


def _percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.005 else f"{share:.0%}"
