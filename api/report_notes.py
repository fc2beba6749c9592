"""What must stand on a report that leaves the product, in words: of what, of when, by what, and what to beware of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from api.caveats import caveats_in_words, missing_rates_in_words
from attribution.answer import Answer
from attribution.models import Model
from attribution.sharing import DealerShare
from infra.settings import Settings

Fact = tuple[str, str]
"""A label, and what is said under it."""

_TITLES = {
    "romi": "ROMI/CPL",
    "calibrated": "ROMI/CPL calibrated by experiments",
    "dealers": "Dealers compared",
    "contractors": "Contractors",
    "contractor-register": "Register of contractors",
    "self-reported": "What people say brought them",
    "funnel": "Funnel",
    "lost-leads": "Lost leads",
    "cohorts": "Cohorts",
    "maturity": "Maturity",
    "open-deals": "Open deals",
    "cost-matching": "Costs and their touches",
    "offline": "Offline media",
    "calls": "Calls",
    "models": "Attribution models compared",
    "noise": "Noise",
    "noise-examples": "Examples of noise",
    "experiments": "Experiments",
    "power": "What an experiment would find",
    "channel-rules": "What channel rules would change",
}
_OF_JOURNEYS = {"journeys", "maturity"}
_SAID_ELSEWHERE = frozenset({"by", "from", "to", "model", "models", "calendar", "where", "share", "measures"})
_CALENDARS = {"conversion": "by the date of the conversion", "touch": "by the date of the touch (cohort)"}


@dataclass(frozen=True, slots=True)
class ReportNotes:
    """`period` is empty for a report of no days. `facts` are in the order in which they are read."""

    title: str
    period: str
    facts: tuple[Fact, ...]
    caveats: tuple[str, ...]

    def fact(self, label: str) -> str:
        """Empty where nothing is said under it."""
        return dict(self.facts).get(label, "")

    @property
    def in_a_line(self) -> str:
        """What a reader needs first: period, model, calendar, currency."""
        return " · ".join(filter(None, (self.fact(each) for each in ("Period", "Model", "Calendar", "Currency"))))


def report_notes(answer: Answer, settings: Settings) -> ReportNotes:
    """Times are in the account's time zone."""
    period = _period(answer.asked)
    facts = (("Period", period), *_facts(answer, settings))
    return ReportNotes(_title(answer), period, tuple(fact for fact in facts if fact[1]), tuple(_caveats(answer)))


def in_words(name: str) -> str:
    """A column's name as a heading."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def report_title(subject: str) -> str:
    return _TITLES.get(subject, in_words(subject.replace("-", " ")))


def _title(answer: Answer) -> str:
    title = report_title(answer.subject)
    by = answer.asked.get("by")
    groupings = [by] if isinstance(by, str) else list(by or ())
    return f"{title} by {', '.join(each.replace('_', ' ') for each in groupings)}" if groupings else title


def _period(asked: Mapping[str, Any]) -> str:
    if not asked.get("from") or not asked.get("to"):
        return ""
    first, last = date.fromisoformat(str(asked["from"])), date.fromisoformat(str(asked["to"]))
    return f"{first.day} {first:%b %Y} – {last.day} {last:%b %Y}" if first != last else f"{first.day} {first:%b %Y}"


def _facts(answer: Answer, settings: Settings) -> Iterator[Fact]:
    asked = answer.asked
    yield "Model", _model(asked)
    yield "Calendar", _CALENDARS.get(str(asked.get("calendar", "")), "")
    yield "Filters", _filters(asked)
    if "share" in asked:
        yield "Cost that names no dealer", f"shared out {DealerShare(asked['share']).label}"
    for name, value in asked.items():
        if name not in _SAID_ELSEWHERE and value not in (None, "", []):
            yield in_words(name), _plain(value)
    yield "Currency", settings.currency if answer.run else ""
    yield "Cost", "" if not answer.run else "net of VAT" if settings.net_of_vat else "with VAT"
    yield "Rows", _rows(answer)
    if answer.run:
        at = answer.run.finished_at.replace(tzinfo=UTC).astimezone(settings.zone)
        rules = f"channel rules v{answer.run.rule_version}" if answer.run.rule_version else "the default channel rules"
        yield "Computed", f"{at.day} {at:%b %Y, %H:%M} ({settings.timezone}), run {answer.run.number}, {rules}"
    if "until" in answer.about:
        yield "Known until", str(answer.about["until"])


def _model(asked: Mapping[str, Any]) -> str:
    if "model" not in asked:
        return ""
    exceptions = [f"{name} by {Model(model).in_sentence}" for name, model in (asked.get("models") or {}).items()]
    return "; ".join([Model(asked["model"]).label, *exceptions])


def _filters(asked: Mapping[str, Any]) -> str:
    told = [
        f"{'all but ' * bool(each.get('excluded'))}{each['dimension']}: {' or '.join(map(str, each['values']))}"
        for each in asked.get("where") or ()
    ]
    return "; ".join(told) or "none"


def _rows(answer: Answer) -> str:
    shown, found = len(answer.rows), answer.groups if answer.groups is not None else len(answer.rows)
    return f"{shown:,} of {found:,}" if shown < found else f"{shown:,}"


def _caveats(answer: Answer) -> Iterator[str]:
    about = answer.about
    if about.keys() >= _OF_JOURNEYS:
        yield from caveats_in_words({**about, "question": answer.asked})
    else:
        yield from missing_rates_in_words(about)
    for name in ("words", "help"):
        if about.get(name):
            yield str(about[name])


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {each}" for name, each in value.items())
    return str(value)
