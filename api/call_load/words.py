"""The load of calls in sentences."""

from typing import Any

from api.call_load.opened import OpenedLoad
from api.language import gettext as _
from api.media.texts import kind_words
from api.numbers import written_in
from attribution.measures import Unit
from planning.call_load.expected import FORECAST
from planning.call_load.load import MEASURED, TOLD, Load


def source_words(told: dict[str, Any]) -> list[str]:
    """Where the figures are from, and how well intervals held."""
    found = [
        _("Calls of the month: the forecast, laid over days and hours by the last %(days)s days.") % told
        if told["source"] == FORECAST
        else _("Calls of the month: the pace of the last 13 weeks goes on, laid over hours by the last %(days)s days.")
        % told,
        {
            TOLD: _("People at work: as told in the settings."),
            MEASURED: _(
                "People at work: those who answered calls, the least that there are; tell them in the settings."
            ),
        }.get(told["staff_source"] or "", _("Nobody knows who is at work: tell it in the settings.")),
        _("A call takes %(seconds)s with what follows it.") % {"seconds": written_in(Unit.SECONDS, told["handling_s"])},
    ]
    if told["measured_patience_s"] is not None:
        found.append(
            _("Waiting so far tells a patience of %(seconds)s, by %(count)s who hung up.")
            % {"seconds": written_in(Unit.SECONDS, told["measured_patience_s"]), "count": told["hung_up"]}
        )
    if told["coverage"] is not None:
        found.append(
            _("Intervals hold 80 %% of outcomes by design; of the last four weeks' hours they held %(share)s.")
            % {"share": written_in(Unit.SHARE, told["coverage"])}
        )
    return found


def handled_words(load: Load, told: dict[str, Any], totals: dict[str, Any]) -> str:
    """What is measured to be missed, against what the queue explains: more people would not answer the rest."""
    if told["unanswered_share"] is None or not load.is_staffed or not totals["calls"]:
        return ""
    share = totals["missed"] / totals["calls"]
    asked = {
        "measured": written_in(Unit.SHARE, told["unanswered_share"]),
        "queue": written_in(Unit.SHARE, share),
    }
    if told["unanswered_share"] > share + 0.03:
        return (
            _(
                "So far %(measured)s of calls went unanswered; too few people, or none, explain %(queue)s. The rest "
                "was missed though somebody should have been free: see who picks up on the page of calls."
            )
            % asked
        )
    return (
        _("So far %(measured)s of calls went unanswered; too few people, or none, explain %(queue)s of those to come.")
        % asked
    )


def event_words(opened: OpenedLoad) -> list[str]:
    """What the month's events do to calls."""
    kinds = {each.kind for each in opened.events}
    return [
        _("%(kind)s: calls × %(factor)s (%(low)s to %(high)s), by %(days)s days of earlier ones.")
        % {
            "kind": kind_words()[kind.value],
            "factor": written_in(Unit.TIMES, lift.factor),
            "low": written_in(Unit.TIMES, lift.low),
            "high": written_in(Unit.TIMES, lift.high),
            "days": lift.days,
        }
        for kind, lift in opened.event_lifts.items()
        if kind in kinds
    ]
