"""What the page of one recommendation shows: the picture first, then moves, then what to know."""

from collections.abc import Callable, Mapping
from typing import Any

from api.bootstrap import Services
from api.exports import ExportFormat
from api.language import gettext as _
from api.numbers import written_in
from api.recommend.texts import asked_words, ground_words, money, note_words, place_words, verdict_words
from api.viewer import Viewer
from attribution.measures import Unit
from infra.access.rights import Right
from infra.errors import ClosedLoopError
from planning.dimensions import known_network
from planning.media.months import read_month
from planning.recommend.advising import Verdict
from planning.recommend.register import Recommendation
from planning.response.model import Ground

_MOST_BARS, _MOST_MOVES = 12, 12
_EXPORTED = (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.PARQUET)


def recommendation_view(
    services: Services, viewer: Viewer, told: Recommendation, *, error: ClosedLoopError | None = None, month: str = ""
) -> dict[str, Any]:
    answer = told.answer
    with services.database.connect() as connection:
        names = {each.id: each.shown_name for each in known_network(connection, viewer.seen).dealers}
    stays = told.verdict is Verdict.STAY
    moves = [_move(move, names) for move in answer["moves"]]
    used = {use.month: use for use in told.uses}
    return {
        "told": told,
        "asked": asked_words(told.question),
        "verdict": verdict_words()[told.verdict],
        "stays": stays,
        "has_unknown": any(note["kind"] == "unknown" for note in answer["notes"]),
        "is_needed": told.verdict is Verdict.NEEDED,
        "currency": told.currency,
        "spend": {name: money(value) for name, value in answer["spend"].items()},
        "gain": _estimates(answer["gain"], money_of=("net", "margin")),
        "gain_share": written_in(Unit.SHARE, answer["gain_share"]),
        "probability": written_in(Unit.SHARE, answer["gain"]["probability"]),
        "promised": _estimates(answer["promised"], money_of=("margin",)),
        "pictures": [
            (_("Channels"), _bars(told, lambda cell: cell["channel"])),
            (_("Dealers"), _bars(told, lambda cell: names.get(cell["dealer"], cell["dealer"]) or _("whole holding"))),
        ],
        "moves": moves[:_MOST_MOVES],
        "more_moves": moves[_MOST_MOVES:],
        "notes": [note_words(note) for note in answer["notes"]],
        "to_learn": [
            {
                "channel": each["channel"],
                "share": "" if each["share"] is None else written_in(Unit.SHARE, each["share"]),
                "spend": money(each["spend"]),
                "ground": ground_words()[Ground(each["ground"])],
            }
            for each in answer["to_learn"]
        ],
        "cells": [_cell(cell, names) for cell in told.cells],
        "months": [(each, used.get(each)) for each in told.months],
        "may_apply": viewer.may(Right.PLANS) and bool(told.dealers),
        "exports": [(form.value, f"/api/recommendations/{told.id}?format={form.value}") for form in _EXPORTED],
        "error": error,
        "error_month": read_month(month) if month else None,
        "today": services.today,
    }


def _estimates(told: Mapping[str, Any], money_of: tuple[str, ...]) -> dict[str, dict[str, str]]:
    return {
        name: {
            part: money(value) if name in money_of else written_in(Unit.COUNT, round(value, 1) + 0.0)
            for part, value in each.items()
        }
        for name, each in told.items()
        if isinstance(each, Mapping)
    }


def _bars(told: Recommendation, name_of: Callable[[Mapping[str, Any]], str]) -> dict[str, Any]:
    """What groups spend now and would, those that change most first."""
    sums: dict[str, list[float]] = {}
    for cell in told.cells:
        of = sums.setdefault(name_of(cell), [0.0, 0.0])
        of[0] += cell["now"]
        of[1] += cell["recommended"]
    largest = max((max(each) for each in sums.values()), default=0.0) or 1.0
    ordered = sorted(sums.items(), key=lambda each: (-abs(each[1][1] - each[1][0]), -each[1][0]))
    rows = [
        {
            "name": name,
            "now": money(now),
            "after": money(after),
            "change": f"{'+' if after > now else ''}{money(after - now)}" if round(after - now) else "—",
            "share_now": round(100 * now / largest, 1),
            "share_after": round(100 * after / largest, 1),
        }
        for name, (now, after) in ordered
    ]
    return {"rows": rows[:_MOST_BARS], "more": rows[_MOST_BARS:]}


def _move(move: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    return {
        "amount": money(move["amount"]),
        "source": place_words(_shown(move["from"], names)),
        "target": place_words(_shown(move["to"], names)),
        "month": (move["to"] or move["from"])["month"],
        "gain": money(move["gain"]),
    }


def _shown(place: Mapping[str, str] | None, names: Mapping[str, str]) -> Mapping[str, str] | None:
    return None if place is None else {**place, "dealer": names.get(place["dealer"], place["dealer"])}


def _cell(cell: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "month": cell["month"],
        "dealer": names.get(cell["dealer"], cell["dealer"]) or _("whole holding"),
        "channel": cell["channel"],
        "contractor": cell["contractor"] or "—",
        "now": money(cell["now"]),
        "recommended": money(cell["recommended"]),
        "bounds": f"{money(cell['least'])} … {money(cell['most'])}",
        "marginal_romi": written_in(Unit.SHARE, cell["marginal_romi"]),
        "leads": written_in(Unit.COUNT, cell["leads"]),
        "margin_gain": money(cell["margin_gain"]),
        "ground": ground_words()[Ground(cell["ground"])],
        "is_thin": cell["is_thin"],
    }
