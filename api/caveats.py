"""What a reader of the ROMI report must know, in words: the page and the terminal say the same."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from api.dates import dated
from api.language import gettext as _
from api.numbers import written_in
from attribution.measures import Unit

Document = Mapping[str, Any]
"""A ROMI report as the API answers it."""

_MOST_PERIODS, _MOST_RATES = 3, 5


def caveats_in_words(report: Document) -> list[str]:
    """A sentence each, the most important first; none for what needs no word."""
    return [*missing_rates_in_words(report), *_maturity(report), *_journeys(report)]


def computed_in_words(report: Document) -> str:
    """By which run and rules it was computed, and when, in the account's time zone."""
    run = report["run"]
    at = dated(datetime.fromisoformat(report["computed_at"]), "dd MMM y, HH:mm")
    told = {"at": at, "run": run["number"], "version": run["rule_version"]}
    if run["rule_version"]:
        return _("Computed %(at)s in run %(run)s with channel rules v%(version)s.") % told
    return _("Computed %(at)s in run %(run)s with the default channel rules.") % told


def to_come(report: Document) -> dict[str, str]:
    """What is still to come of each day, week or month of the rows that is not over yet, in percent."""
    maturity = report.get("maturity")
    if not maturity or maturity["by"] not in report["question"]["by"]:
        return {}
    return {each[maturity["by"]]: _percent(each["to_come"]) for each in maturity["periods"]}


def _maturity(report: Document) -> Iterator[str]:
    maturity = report["maturity"]
    if maturity is None:
        yield _("Too few sales are known to say how many are still to come.")
        return
    by, periods = maturity["by"], maturity["periods"]
    if periods:
        told = [
            _("%(share)s of %(period)s") % {"share": _percent(each["to_come"]), "period": _named(by, each[by])}
            for each in periods[: -_MOST_PERIODS - 1 : -1]
        ]
        if len(periods) > _MOST_PERIODS:
            told.append(_("and less of %(count)s before") % {"count": len(periods) - _MOST_PERIODS})
        yield _("Still to come of the sales that touches bring: %(shares)s.") % {"shares": ", ".join(told)}


def _named(by: str, first_day: str) -> str:
    day = date.fromisoformat(first_day)
    if by == "month":
        return dated(day, "MMM y")
    return _("the week of %(day)s") % {"day": dated(day, "dd MMM y")} if by == "week" else dated(day, "dd MMM y")


def _journeys(report: Document) -> Iterator[str]:
    told = [
        text % {"one": _percent(found["one_touch_share"]), "none": _percent(found["no_touch_share"])}
        for kind, text in (
            ("lead", _("%(one)s of leads come of one touch, %(none)s of none")),
            ("sale", _("%(one)s of sales come of one touch, %(none)s of none")),
        )
        if (found := report["journeys"].get(kind))
    ]
    if told:
        yield _("%(shares)s. There all models agree.") % {"shares": "; ".join(told)}


def missing_rates_in_words(report: Mapping[str, Any]) -> Iterator[str]:
    """Which money is in no figure; nothing where there is none."""
    missing = report.get("missing_rates", [])
    if missing:
        told = [
            _("%(amount)s %(currency)s of %(family)s (%(first)s – %(last)s)")
            % {
                "amount": written_in(Unit.MONEY, each["amount"]),
                "currency": each["currency"],
                "family": _(each["family"]),
                "first": each["from"],
                "last": each["to"],
            }
            for each in missing[:_MOST_RATES]
        ]
        if len(missing) > _MOST_RATES:
            told.append(_("%(count)s more") % {"count": len(missing) - _MOST_RATES})
        yield _("In no figure, as no exchange rate is known: %(sums)s; see `closedloop rates`.") % {
            "sums": ", ".join(told)
        }


def _percent(share: float) -> str:
    return _("under 1%%") % () if 0 < share < 0.005 else f"{share:.0%}"
