"""The forms of stock: levels of one dealer, and terms."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData

from api.bootstrap import Services
from api.language import gettext as _
from api.table_forms import Cells, Column, Kind, cells_of, filled, values_of
from api.viewer import Viewer
from attribution.visibility import Visibility
from infra.errors import InvalidInput, NotReady
from planning.dimensions import known_network
from planning.media.months import Month, read_month
from planning.stock.levels import ToldLevel, known_levels
from planning.stock.terms import Terms, known_terms

_ARRIVING = re.compile(r"(20\d\d-\d\d)\s*[:=]\s*(\d{1,7})")
_NEW_LINES = 3
_NUMBERS = ("lead_days", "service_percent", "most_months")


def level_lines(services: Services, viewer: Viewer, dealer: str) -> list[dict[str, Any]]:
    """A line a model that is known of the dealer's brand, and some empty ones. Raises `NotFound`."""
    with services.database.connect() as connection:
        known_network(connection, viewer.seen).dealer(dealer)
        levels = {key[1]: each for key, each in known_levels(connection, viewer.seen, dealer=dealer).items()}
    models = sorted({*levels, *_sold(services, viewer.seen, dealer)})
    lines = [
        {
            "model": model,
            "in_stock": str(levels[model].in_stock) if model in levels else "",
            "transit": levels[model].transit_text if model in levels else "",
            "revision": levels[model].revision if model in levels else 0,
            "told": f"{levels[model].changed_by}, {levels[model].counted_on}" if model in levels else "—",
            "is_new": False,
        }
        for model in models
    ]
    empty = {"model": "", "in_stock": "", "transit": "", "revision": 0, "told": "—", "is_new": True}
    return [*lines, *([empty] * _NEW_LINES)]


def _sold(services: Services, seen: Visibility, dealer: str) -> list[str]:
    try:
        position = services.stock_position(seen=seen)
    except NotReady:
        return []
    return [model for place, model in zip(position.dealers, position.models, strict=True) if place.id == dealer]


def read_levels(form: FormData, dealer: str) -> list[ToldLevel]:
    """Of lines in which something is written. Raises `InvalidInput`, which names the model."""
    columns = [
        [str(each).strip() for each in form.getlist(name)] for name in ("model", "in_stock", "transit", "revision")
    ]
    found = []
    for model, in_stock, transit, revision in zip(*columns, strict=False):
        based_on = int(revision) if revision.isdecimal() and len(revision) < 10 else 0
        if not model or not (in_stock or transit or based_on):
            continue
        units = None if not in_stock and not transit else _units(in_stock or "0", model)
        found.append(ToldLevel(dealer, model, units, read_transit(transit, model), None, based_on))
    return found


def read_transit(text: str, model: str = "") -> Mapping[Month, int]:
    """`2026-12: 5, 2027-01: 3`; units of one month add up. Raises `InvalidInput`."""
    found: dict[Month, int] = {}
    for part in filter(None, (each.strip() for each in re.split(r"[,;\n]", text))):
        told = _ARRIVING.fullmatch(part)
        if told is None:
            raise InvalidInput(
                f"{model}: {part!r} does not say what arrives when.", where="transit", help="Write it as 2026-12: 5."
            )
        month = read_month(told[1], "transit")
        found[month] = found.get(month, 0) + int(told[2])
    return found


def terms_columns(services: Services) -> Sequence[Column]:
    with services.database.connect() as connection:
        brands = sorted({each.brand for each in known_network(connection).dealers if each.brand})
    return (
        Column("brand", _("Brand"), _("Empty: every brand."), options=brands),
        Column("model", _("Model"), _("Empty: every model of the brand.")),
        Column("lead_days", _("Lead time, days"), _("From the order to the dealer's yard."), Kind.NUMBER),
        Column("service_percent", _("Service level, %"), _("Cycles of 100 in which stock suffices."), Kind.NUMBER),
        Column("most_months", _("Too much above, months"), _("More months of sales are too much."), Kind.NUMBER),
    )


def terms_lines(services: Services, columns: Sequence[Column]) -> list[Cells]:
    with services.database.connect() as connection:
        return [cells_of(each.as_dict(), columns) for each in known_terms(connection).rows]


def read_terms(lines: Sequence[Cells], columns: Sequence[Column]) -> list[Terms]:
    """Empty cells are as they ship. Raises `InvalidInput`."""
    found = []
    for cells in filled(lines, columns):
        told = values_of(cells, columns)
        numbers = {name: _units(told[name], name) for name in _NUMBERS if name in told}
        found.append(Terms(told.get("brand", ""), told.get("model", ""), **numbers))
    return found


def _units(text: str, what: str) -> int:
    plain = "".join(text.split())
    if not plain.isdecimal() or len(plain) > 7:
        raise InvalidInput(f"{what}: {text!r} is no whole number.", where="in_stock", help="Write a number such as 12.")
    return int(plain)
