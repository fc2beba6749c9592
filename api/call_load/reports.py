"""The reports of the load of calls, and what stands beside their rows."""

from typing import Any

import numpy as np

from api.bootstrap import Services
from api.call_load.opened import LoadQuestion, OpenedLoad, open_load
from attribution.answer import Answer
from attribution.visibility import Visibility
from infra.errors import InvalidInput
from planning.call_load.centres import HOLDING
from planning.call_load.expected import LEVEL
from planning.call_load.load import Load
from planning.call_load.reports import by_dealer, by_hour, rota
from planning.call_load.study import Advice, advice_for

GROUPINGS = ("hour", "dealer")
WAYS = ("shifts", "hours")


def load_report(services: Services, seen: Visibility, question: LoadQuestion, by: str) -> Answer:
    """Raises `NotReady`, `InvalidInput` and `NotFound`."""
    if by not in GROUPINGS:
        raise InvalidInput(
            f"The load of calls is not told by {by!r}.", where="by", help=f"Choose one of {', '.join(GROUPINGS)}."
        )
    if by == "dealer" and (question.dealer or question.changed):
        raise InvalidInput(
            "By dealer, each is told by what its own call centre aims at.",
            where="by",
            help="Leave out the dealer and the aims, or ask by hour.",
        )
    opened = open_load(services, seen, question)
    asked = {**question.as_dict(), "by": by}
    if by == "dealer":
        load = opened.study.by_dealer()
        return by_dealer(opened.study, load, opened.run, asked, about(services, opened, load, question.dealer))
    load = opened.load(question.dealer)
    return by_hour(opened.study, load, opened.run, asked, about(services, opened, load, question.dealer))


def rota_report(services: Services, seen: Visibility, question: LoadQuestion, way: str) -> Answer:
    """Raises `NotReady`, `InvalidInput` and `NotFound`."""
    opened = open_load(services, seen, question)
    load = opened.load(question.dealer)
    advice = advised(opened, load, way)
    asked = {**question.as_dict(), "way": way}
    return rota(load, advice, opened.run, asked, about(services, opened, load, question.dealer))


def advised(opened: OpenedLoad, load: Load, way: str) -> Advice:
    """Raises `InvalidInput`, for a call centre of which nobody knows who is at work, too."""
    if way not in WAYS:
        raise InvalidInput(f"People are not moved by {way!r}.", where="way", help=f"Choose one of {', '.join(WAYS)}.")
    if not load.is_staffed or not load.staff.any():
        raise InvalidInput(
            "Nobody knows who is at work in this call centre.",
            where="staff",
            help="Tell it on the settings' page of the call centre, or send calls that name their operators.",
        )
    return advice_for(load, opened.centre.shifts, free=way == "hours")


def about(services: Services, opened: OpenedLoad, load: Load, dealer: str) -> dict[str, Any]:
    ground = opened.study.ground
    missed, known = ground.unanswered if dealer == HOLDING else _unanswered(opened, dealer)
    patience, hung_up = ground.heard.patience_s
    coverage = ground.coverage_of_all if dealer == HOLDING else float(ground.coverage[ground.place(dealer)])
    return {
        "currency": services.settings.currency,
        "source": load.expected.totals.source[0],
        "staff_source": load.staff_source or None,
        "handling_s": _plain(load.aims.handling_s.mean()),
        "level": LEVEL,
        "coverage": _plain(coverage),
        "unanswered_share": missed / known if known else None,
        "worth_of_call": _plain(np.nanmean(load.of_call)) if np.isfinite(load.of_call).any() else None,
        "measured_patience_s": _plain(patience),
        "hung_up": hung_up,
        "events": [each.as_dict() for each in opened.event_lifts.values()],
        "campaigns": [{"dealer": name, "lift": lift} for name, lift in sorted(opened.campaigns.items()) if name],
        "days": len(ground.heard.days),
    }


def _unanswered(opened: OpenedLoad, dealer: str) -> tuple[float, float]:
    heard = opened.study.ground.heard
    place = opened.study.ground.place(dealer)
    missed, answered = (float(heard.by_hour[name][place].sum()) for name in ("unanswered", "answered"))
    return missed, missed + answered


def _plain(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
