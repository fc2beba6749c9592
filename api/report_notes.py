"""What must stand on a report that leaves the product, in words: of what, of when, by what, and what to beware of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from api.caveats import caveats_in_words, missing_rates_in_words
from api.dates import dated
from api.language import gettext as _
from api.numbers import written_in
from api.told import told
from attribution.answer import Answer
from attribution.measures import MEASURES, Unit
from attribution.models import Model
from attribution.runs import Run
from attribution.sharing import DealerShare
from infra.settings import Settings

Fact = tuple[str, str]
"""A label, and what is said under it."""

TITLES = {
    "romi": "ROMI/CPL",
    "plan-fact": "Plan and fact",
    "sources": "Sources",
    "performance": "Managers and products",
    "paths": "Paths",
    "path-lengths": "Path lengths",
    "time-to-conversion": "Time to conversion",
    "assisted": "Assisted conversions",
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
    "models-beside": "Models side by side",
    "journey": "Journey",
    "media-plans": "Media plans",
    "media-plan-items": "Media plan items",
    "staffing": "Calls an hour and people answering",
    "unknown-utm": "Unknown UTM",
    "unprocessed-leads": "Unprocessed leads",
    "noise": "Noise",
    "noise-examples": "Examples of noise",
    "experiments": "Experiments",
    "power": "What an experiment would find",
    "fund-balances": "Co-op funds",
    "fund-ageing": "Co-op funds by age",
    "work-settlements": "Contractors' work: ordered, accepted, spent",
    "channel-rules": "What channel rules would change",
    "effectiveness": "How effective past months were",
    "recommendation": "Recommendation",
    "stock-need": "Stock and what to order",
}
_TITLES_OF_MEASURES = {each.slug: each.title for each in MEASURES}
_OF_JOURNEYS = {"journeys", "maturity"}
_SAID_ELSEWHERE = frozenset({"by", "from", "to", "model", "models", "calendar", "where", "share", "measures"})
_DAY = "d MMM y"


@dataclass(frozen=True, slots=True)
class ReportNotes:
    """`period` is empty for a report of no days. `facts` are in the order in which they are read."""

    title: str
    period: str
    facts: tuple[Fact, ...]
    caveats: tuple[str, ...]

    def fact(self, label: str) -> str:
        """What is said under a label of this language; empty where nothing is."""
        return dict(self.facts).get(label, "")

    @property
    def filters(self) -> str:
        return self.fact(_("Filters"))

    @property
    def computed(self) -> str:
        return self.fact(_("Computed"))

    @property
    def in_a_line(self) -> str:
        """What a reader needs first: period, model, calendar, currency."""
        first = (_("Period"), _("Model"), _("Calendar"), _("Currency"))
        return " · ".join(filter(None, (self.fact(each) for each in first)))


def report_notes(answer: Answer, settings: Settings) -> ReportNotes:
    """In the reader's language; times are in the account's time zone."""
    period = _period(answer.asked)
    facts = ((_("Period"), period), *_facts(answer, settings))
    return ReportNotes(_title(answer), period, tuple(fact for fact in facts if fact[1]), tuple(_caveats(answer)))


def in_words(name: str) -> str:
    """A column's name as a heading."""
    flagged = _TITLES_OF_MEASURES.get(name.removesuffix("_flag")) if name.endswith("_flag") else None
    return _("%(measure)s, flag") % {"measure": told(flagged)} if flagged else _(as_heading(name))


def as_heading(name: str) -> str:
    """In English."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def report_title(subject: str) -> str:
    return _(TITLES.get(subject, as_heading(subject.replace("-", " "))))


def _title(answer: Answer) -> str:
    title = report_title(answer.subject)
    by = answer.asked.get("by")
    groupings = [by] if isinstance(by, str) else list(by or ())
    if not groupings:
        return title
    return _("%(report)s by %(groupings)s") % {"report": title, "groupings": ", ".join(map(_within, groupings))}


def _within(name: str) -> str:
    """A column's name within a sentence."""
    words = in_words(name)
    return words[:1].lower() + words[1:] if name[:1].islower() else words


def _period(asked: Mapping[str, Any]) -> str:
    if not asked.get("from") or not asked.get("to"):
        return ""
    first, last = date.fromisoformat(str(asked["from"])), date.fromisoformat(str(asked["to"]))
    return f"{dated(first, _DAY)} – {dated(last, _DAY)}" if first != last else dated(first, _DAY)


def _facts(answer: Answer, settings: Settings) -> Iterator[Fact]:
    asked = answer.asked
    yield _("Model"), _model(asked)
    yield _("Calendar"), _calendar(str(asked.get("calendar", "")))
    yield _("Filters"), _filters(asked)
    if "share" in asked:
        how = _(DealerShare(asked["share"]).label)
        yield _("Cost that names no dealer"), _("shared out %(how)s") % {"how": how}
    for name, value in asked.items():
        if name not in _SAID_ELSEWHERE and value not in (None, "", []):
            yield in_words(name), _plain(value)
    yield _("Currency"), settings.currency if answer.run else ""
    yield _("Cost"), "" if not answer.run else _("net of VAT") if settings.net_of_vat else _("with VAT")
    yield _("Rows"), _rows(answer)
    if answer.run:
        yield _("Computed"), _computed(answer.run, settings)
    if "until" in answer.about:
        yield _("Known until"), str(answer.about["until"])


def _computed(run: Run, settings: Settings) -> str:
    at = dated(run.finished_at.replace(tzinfo=UTC).astimezone(settings.zone), f"{_DAY}, HH:mm")
    known = _("channel rules v%(version)s") % {"version": run.rule_version}
    rules = known if run.rule_version else _("the default channel rules")
    told = {"at": at, "zone": settings.timezone, "run": run.number, "rules": rules}
    return _("%(at)s (%(zone)s), run %(run)s, %(rules)s") % told


def _calendar(calendar: str) -> str:
    return {
        "conversion": _("by the date of the conversion"),
        "touch": _("by the date of the touch (cohort)"),
    }.get(calendar, "")


def _model(asked: Mapping[str, Any]) -> str:
    if "model" not in asked:
        return ""
    exceptions = [
        _("%(measure)s by %(model)s") % {"measure": name, "model": _(Model(model).in_sentence)}
        for name, model in (asked.get("models") or {}).items()
    ]
    return "; ".join([_(Model(asked["model"]).label), *exceptions])


def _filters(asked: Mapping[str, Any]) -> str:
    return "; ".join(_filter(each) for each in asked.get("where") or ()) or _("none")


def _filter(condition: Mapping[str, Any]) -> str:
    values = _(" or ").join(map(str, condition["values"]))
    told = {"name": _within(condition["dimension"]), "values": values}
    return (_("all but %(name)s: %(values)s") if condition["excluded"] else _("%(name)s: %(values)s")) % told


def _rows(answer: Answer) -> str:
    shown, found = len(answer.rows), answer.groups if answer.groups is not None else len(answer.rows)
    told = {"shown": written_in(Unit.COUNT, shown), "found": written_in(Unit.COUNT, found)}
    return _("%(shown)s of %(found)s") % told if shown < found else told["shown"]


def _caveats(answer: Answer) -> Iterator[str]:
    about = answer.about
    if about.keys() >= _OF_JOURNEYS:
        yield from caveats_in_words({**about, "question": answer.asked})
    else:
        yield from missing_rates_in_words(about)
    for name in ("words", "help"):
        if about.get(name):
            yield told(str(about[name]))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {each}" for name, each in value.items())
    return str(value)
