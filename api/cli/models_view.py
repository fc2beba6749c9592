"""Models side by side in the terminal: what each allocates to each channel, and how they fared on journeys held out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table

from api.cli.answers import Draw
from api.numbers import written_in
from attribution.measures import Measure, Unit

_SHORT = {
    "first": "First",
    "last": "Last",
    "last_non_direct": "Not direct",
    "linear": "Linear",
    "linear_unique": "Unique",
    "position": "Position",
    "time_decay": "Decay",
    "custom": "Own",
    "markov": "Markov",
    "markov_in_journey": "Within",
    "shapley": "Shapley",
    "shapley_rate": "Shapley rate",
}


def draw_models(title: str, figures: Sequence[Measure]) -> Draw:
    """Conversions alone: value and removal effects are left to the other formats."""
    shown = [figure for figure in figures if figure.unit is Unit.COUNT]

    def draw(document: Mapping[str, Any]) -> Group:
        tables = [_side_by_side(document, shown, title)]
        if _was_tried(document):
            tables.append(_hold_out(document))
        return Group(*tables, *sentences(document))

    return draw


def sentences(document: Mapping[str, Any]) -> Iterable[str]:
    """What must be known to read the table."""
    journeys = document["journeys"]
    conversions, nulls = (written_in(Unit.COUNT, journeys[name]) for name in ("conversions", "nulls"))
    one, none = (written_in(Unit.SHARE, journeys[name]) for name in ("one_touch_share", "no_touch_share"))
    yield f"{conversions} conversions, {nulls} journeys without one."
    yield f"Of the conversions {one} have a journey of one touch, on which all models agree, and {none} of no touch."
    if document["shapley_rate_standard_error"]:
        error = written_in(Unit.COUNT, document["shapley_rate_standard_error"])
        yield f"Shapley values of the rate are sampled, with a standard error of {error} conversions at most."
    if not _was_tried(document):
        yield "No model was tried on later journeys: there are none, or all of them convert, or none does."
    yield document["note"]


def _was_tried(document: Mapping[str, Any]) -> bool:
    return any(each["auc"] is not None for each in document["hold_out"])


def _side_by_side(document: Mapping[str, Any], figures: Sequence[Measure], title: str) -> Table:
    table = _table(title, show_footer=True)
    table.add_column("", footer="Total")
    for figure in figures:
        total = written_in(Unit.COUNT, document["totals"][figure.slug])
        heading = _SHORT[figure.slug].replace(" ", "\n")
        table.add_column(heading, justify="right", footer=total, no_wrap=True)
    for row in document["items"]:
        table.add_row(str(row["channel"]), *(written_in(Unit.COUNT, row[figure.slug]) for figure in figures))
    return table


def _hold_out(document: Mapping[str, Any]) -> Table:
    table = _table("Fitted to the first 70% of journeys, tried on the later 30%", show_footer=False)
    table.add_column("")
    table.add_column("AUC", justify="right")
    table.add_column("Log-loss", justify="right")
    for each in document["hold_out"]:
        mark = " (best)" if each["model"] == document["best_on_hold_out"] else ""
        auc, loss = each["auc"], each["log_loss"]
        table.add_row(
            _SHORT[each["model"]] + mark, "—" if auc is None else f"{auc:.4f}", "—" if loss is None else f"{loss:.5f}"
        )
    return table


def _table(title: str, *, show_footer: bool) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_footer=show_footer)
