"""What needs attention now: a line each, with a number, the money at stake, and where somebody can act."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from api.bootstrap import Services
from api.dates import dated
from api.language import gettext as _
from api.language import language, ngettext
from api.numbers import written_in
from api.questions import written_conditions
from api.sources_view import source_rows
from api.told import told
from api.viewer import Viewer
from attribution.anomalies.notices import Notice, NoticeState
from attribution.answer import Period
from attribution.measures import Unit
from attribution.noise.report import noise_totals
from attribution.reports import Condition
from attribution.runs import Run
from attribution.unanswered import Unanswered, unanswered
from attribution.visibility import Visibility

WINDOW_DAYS = 30
UNPROCESSED_HOURS = 24
_BEFORE_NOTICE = timedelta(days=28)
_INSIDE = {"channel": "campaign", "contractor": "campaign", "dealer": "channel"}
_MONEY_KINDS = ("spend_low", "spend_high")


@dataclass(frozen=True, slots=True)
class Concern:
    """`money` at stake is in the account's currency, None where nobody can say. `command` is what to type, if anything.

    `address` leads to where somebody acts; `action` says what is there.
    """

    kind: str
    text: str
    number: str
    money: float | None
    why: str
    address: str
    action: str
    command: str = ""
    urgent: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def concerns(services: Services, viewer: Viewer, run: Run, missing_rates: Iterable[Mapping[str, Any]]) -> list[Concern]:
    """The most money first, then the urgent ones. Leads and noise are those of the last 30 days.

    `run` is the newest, and `missing_rates` are as its reports tell them. Who sees a part is told of
    it alone.
    """
    window = Period(services.today - timedelta(days=WINDOW_DAYS - 1), services.today)
    of_run = services.per_run.answer(
        run.number, ("concerns", viewer.seen, window, language()), lambda: _of_run(services, viewer.seen, window)
    )
    found = [
        *(_of_notice(notice) for notice in services.notices.all([NoticeState.OPEN], seen=viewer.seen)),
        *of_run,
    ]
    if not viewer.is_limited:
        found += [
            *_of_sources(source_rows(services)),
            *_of_rejections(services.rejections.count_open()),
            *(_of_missing_rate(each) for each in missing_rates),
        ]
    return sorted(found, key=lambda each: (-(each.money or 0), not each.urgent))


def _of_run(services: Services, seen: Visibility, window: Period) -> list[Concern]:
    warehouse, settings = services.warehouse, services.settings
    found: list[Concern] = []
    if seen.contractors is None:
        found += _of_unanswered(*unanswered(warehouse, window, settings, UNPROCESSED_HOURS, seen=seen), window)
    if seen.is_everything:
        found += _of_noise(noise_totals(warehouse, window, settings.timezone), window)
    return found


def _of_notice(notice: Notice) -> Concern:
    unit = Unit.MONEY if notice.kind in _MONEY_KINDS else Unit.COUNT
    observed, expected = (written_in(unit, value) for value in (notice.observed, notice.expected))
    return Concern(
        kind=notice.kind,
        text=_("%(subject)s: %(text)s, since %(day)s")
        % {"subject": _subject(notice), "text": told(notice.text), "day": dated(notice.since, "dd MMM")},
        number=_("%(observed)s, usual %(expected)s") % {"observed": observed, "expected": expected},
        money=None if notice.money is None else float(notice.money),
        why=told(notice.cause),
        address=f"/sources/notices#notice-{notice.id}",
        action=_("Look and acknowledge"),
        urgent=notice.severity == "critical",
    )


def _subject(notice: Notice) -> str:
    if notice.subject_kind == "all":
        return _("All together")
    return f"{_(notice.subject_kind.capitalize())} {notice.subject}"


def report_on(notice: Notice) -> str:
    """What is within the subject, in the weeks before and since."""
    asked = {
        "by": _INSIDE.get(notice.subject_kind, "channel"),
        "from": (notice.since - _BEFORE_NOTICE).isoformat(),
        "to": notice.seen_on.isoformat(),
    }
    if notice.subject_kind in _INSIDE:
        asked["where"] = written_conditions([Condition(notice.subject_kind, (notice.subject,))])
    return f"/channels?{urlencode(asked)}"


def _of_sources(rows: Iterable[Mapping[str, Any]]) -> Iterator[Concern]:
    for row in rows:
        named = {"source": row["id"]}
        if row["health"] == "failing":
            failures = ngettext("%(count)s failure", "%(count)s failures", row["failures"])
            yield Concern(
                "source_failing", _("Source %(source)s fails") % named, _counted(failures, row["failures"]), None,
                told(row["error"]), f"/sources#source-{row['id']}", _("Sources"), urgent=True,
            )  # fmt: skip
        elif row["health"] == "waiting":
            yield Concern(
                "source_waiting", _("Source %(source)s has sent nothing yet") % named, _("0 events"), None,
                _("Something is left to do at the vendor's."), f"/sources#source-{row['id']}", _("What to do"),
            )  # fmt: skip


def _of_rejections(open_by_family: Mapping[str, int]) -> Iterator[Concern]:
    if number := sum(open_by_family.values()):
        listed = ", ".join(f"{_(family)}: {count}" for family, count in sorted(open_by_family.items()))
        yield Concern(
            "rejections", _("Rejected items wait for repair"),
            _counted(ngettext("%(count)s item", "%(count)s items", number), number), None,
            _("%(families)s; in no figure yet.") % {"families": listed}, "/sources/rejections", _("Repair and replay"),
        )  # fmt: skip


def _of_unanswered(leads: Unanswered, calls: Unanswered, window: Period) -> Iterator[Concern]:
    days = {"from": window.first_day.isoformat(), "to": window.last_day.isoformat()}
    for kind, each, number, text, place in (
        (
            "unprocessed_leads", leads, ngettext("%(count)s lead", "%(count)s leads", leads.number),
            _("Leads without a response for %(hours)s hours") % {"hours": UNPROCESSED_HOURS}, "/funnel/lost",
        ),
        (
            "missed_calls", calls, ngettext("%(count)s call", "%(count)s calls", calls.number),
            _("Missed calls that nobody called back"), "/funnel/calls",
        ),
    ):  # fmt: skip
        if each.number:
            at = {"dealer": each.dealer, "count": each.at_dealer}
            most = _("Most of them at %(dealer)s: %(count)s.") % at if each.dealer else ""
            why = f"{most} {_('The money is the margin expected to be lost with them.')}".strip()
            address = f"{place}?{urlencode(days)}"
            yield Concern(kind, text, _counted(number, each.number), each.margin, why, address, _("Where and when"))


def _of_missing_rate(missing: Mapping[str, Any]) -> Concern:
    return Concern(
        kind="missing_rate",
        text=_("%(currency)s of %(family)s without an exchange rate")
        % {"currency": missing["currency"], "family": _(missing["family"])},
        number=f"{written_in(Unit.MONEY, missing['amount'])} {missing['currency']}",
        money=None,
        why=_("From %(first)s to %(last)s; in no figure until a rate is set.")
        % {"first": missing["from"], "last": missing["to"]},
        address="/sources/rates",
        action=_("Set a rate"),
        urgent=True,
    )


def _of_noise(totals: Mapping[str, Any], window: Period) -> Iterator[Concern]:
    parts = [(totals[f"excluded_{family}"], family) for family in ("touches", "calls", "leads")]
    if number := sum(count for count, _family in parts):
        days = {"from": window.first_day.isoformat(), "to": window.last_day.isoformat()}
        listed = ", ".join(f"{_(family)}: {written_in(Unit.COUNT, count)}" for count, family in parts if count)
        yield Concern(
            "noise", _("Noise is left out of all figures"),
            _counted(ngettext("%(count)s event", "%(count)s events", number), number), totals["excluded_cost"] or None,
            _("%(families)s. The money is what the clicks among them cost.") % {"families": listed},
            f"/sources/noise?{urlencode(days)}", _("Noise by rule"),
        )  # fmt: skip


def _counted(text: str, number: int) -> str:
    return text % {"count": written_in(Unit.COUNT, number)}
