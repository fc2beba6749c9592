"""What the page of models side by side shows."""

from collections.abc import Sequence
from typing import Any

from api.bootstrap import Services
from api.channels_address import BESIDE, Place
from api.condition_editor import chips
from api.numbers import written_in
from api.romi_table import data_bar
from api.romi_view import export_links, frame_view
from attribution.formulas import names_in
from attribution.meanings import MEANINGS
from attribution.measures import MEASURES, Unit
from attribution.models import Model
from attribution.models_beside import DIFFERENCE, MOST_MODELS, models_beside
from attribution.question import MODELLED, Order
from attribution.runs import newest_run
from attribution.visibility import Visibility

USUAL_MODELS = (Model.LAST_NON_DIRECT, Model.FIRST, Model.LINEAR)
MEASURE = "sales"


def beside_view(
    services: Services, seen: Visibility, place: Place, models: Sequence[Model], measure: str, order: Order | None
) -> dict[str, Any]:
    """Raises `InvalidInput`, and `NotReady` where nothing was attributed yet."""
    question, warehouse = place.question, services.warehouse
    run = newest_run(warehouse).number
    key = ("models beside", seen, place.key, tuple(models), measure, order)
    found = services.per_run.answer(
        run, key, lambda: models_beside(
            warehouse, question, models, measure, services.settings.timezone, order=order, seen=seen
        )
    )  # fmt: skip
    columns = [(each, each.slug.endswith(DIFFERENCE)) for each in found.figures]
    items = found.items()
    told = {"measure": measure, "compare": ",".join(model.value for model in models)}
    most = {each.slug: max((abs(row[each.slug] or 0) for row in items), default=0) for each in found.figures}
    divided = [each for each in MEASURES if set(MODELLED) & set(names_in(each.over_sums))]
    chosen = question.catalog.measure(measure, "measure")
    return {
        **frame_view(services, place, BESIDE),
        "chips": chips(place, BESIDE),
        "chosen": chosen,
        "meaning": MEANINGS.get(measure, ""),
        "columns": columns,
        "order": order or Order(models[0].value, descending=True),
        "rows": [
            {
                "names": [row[name] for name in question.by],
                "inside": place.inside(row),
                "cells": [
                    {
                        "text": _signed(each.unit, row[each.slug]) if gap else written_in(each.unit, row[each.slug]),
                        "value": "" if row[each.slug] is None else row[each.slug],
                        "gap": gap,
                        "bar": None if gap else data_bar(abs(row[each.slug] or 0), 0, most[each.slug]),
                        "verdict": _verdict(row[each.slug]) if gap else "",
                    }
                    for each, gap in columns
                ],
            }
            for row in items
        ],
        "totals": [
            _signed(each.unit, found.totals[each.slug]) if gap else written_in(each.unit, found.totals[each.slug])
            for each, gap in columns
        ],
        "hidden_rows": (found.groups or 0) - len(items),
        "compared": list(models),
        "compare_pickers": [*models, None][:MOST_MODELS],
        "measures": [*divided, *(each for each in question.catalog.own_measures if each not in divided)],
        "told": told,
        "exports": export_links("/api/reports/models-beside", question, **told),
        "run": found.run,
    }


def _signed(unit: Unit, value: float | None) -> str:
    if not value:
        return "—" if value is None else "0"
    return f"{'+' if value > 0 else '−'}{written_in(unit, abs(value))}"


def _verdict(value: float | None) -> str:
    return "" if not value else "more" if value > 0 else "less"
