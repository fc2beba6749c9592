"""Words for what recommendations have: goals, verdicts, notes, moves."""

from collections.abc import Mapping
from typing import Any

from api.language import gettext as _
from api.numbers import written_in
from attribution.measures import Unit
from planning.recommend.advising import Verdict
from planning.recommend.asked import Goal
from planning.response.model import Ground


def money(value: float | None) -> str:
    """Of whole units of the currency."""
    return written_in(Unit.MONEY, value)


def goal_words() -> dict[Goal, str]:
    return {
        Goal.BUDGET: _("Split this budget so that it brings the most margin"),
        Goal.SALES: _("Least budget for so many sales"),
        Goal.MARGIN: _("Least budget for so much margin"),
        Goal.MARGINAL_ROMI: _("All spend down to this marginal ROMI, in percent"),
    }


def asked_words(question: Mapping[str, Any]) -> str:
    """What was asked, short."""
    goal, told = Goal(question["goal"]), question["amount"]
    if goal is Goal.BUDGET:
        return _("budget of %(amount)s") % {"amount": money(told / 100)}
    if goal is Goal.SALES:
        return _("%(count)s sales") % {"count": written_in(Unit.COUNT, told)}
    if goal is Goal.MARGIN:
        return _("margin of %(amount)s") % {"amount": money(told / 100)}
    return _("marginal ROMI down to %(share)s") % {"share": written_in(Unit.SHARE, told)}


def verdict_words() -> dict[Verdict, str]:
    return {
        Verdict.CHANGE: _("A better split"),
        Verdict.STAY: _("No confident change"),
        Verdict.NEEDED: _("The present split cannot stay"),
    }


def ground_words() -> dict[Ground, str]:
    return {
        Ground.OWN: _("its own months"),
        Ground.CHANNEL: _("others of its channel"),
        Ground.TEST: _("a lift test"),
        Ground.NONE: _("not known"),
    }


def note_words(note: Mapping[str, Any]) -> str:
    told = {"count": note["count"], "spend": money(note.get("spend")), "names": ", ".join(note["names"])}
    return {
        "thin": _(
            "%(count)s cells would spend what hardly any month has shown (%(spend)s in all): evidence is thin there."
        ),
        "unknown": _("Of %(count)s cells the curve is not known, as their spend never varied: they have %(spend)s."),
        "ordered": _("%(count)s cells have orders beyond their bounds, and get just what is ordered: %(names)s."),
        "stuck": _("%(count)s cells are smaller than a step, and stay near what they have: %(names)s."),
        "credited": _(
            "Leads are credited to channels, which need not have caused them. "
            "No lift test has shown yet what those cause that would get more: %(names)s."
        ),
        "limited": _("More would be gained without these limits: %(names)s."),
    }[note["kind"]] % told


def place_words(place: Mapping[str, str] | None) -> str:
    """A cell, as a move names it."""
    if place is None:
        return _("outside this split")
    names = [place["dealer"] or _("whole holding"), place["channel"], place["contractor"]]
    return " / ".join(name for name in names if name)
