"""The form of a call centre: aims, people by hour of the week, shifts, and holidays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData

from api.bootstrap import Services
from api.call_load.asking import read_number
from api.call_load.keeping import may_keep
from api.forms import lines_of, text_of
from api.language import gettext as _
from api.shading import HOURS, WEEKDAYS, weekday_name
from api.table_forms import Cells, Column, EditedTable, Kind, cells_of, filled, lines_with, read_lines
from api.viewer import Viewer
from infra.errors import ClosedLoopError, InvalidInput
from planning.call_load.centres import DAYS, HOLDING, CallCentre
from planning.dimensions import known_network

_AIMS = ("service_percent", "within_s", "patience_s", "handling_s", "after_call_s", "least_calls")
_PREFIX = "shift_"


@dataclass(frozen=True)
class Told:
    """As the form has it: texts."""

    aims: dict[str, str]
    staff: list[list[str]]
    lines: list[Cells]
    holidays: str = ""

    def with_lines(self, lines: Sequence[Cells]) -> "Told":
        return replace(self, lines=list(lines))


def shift_columns() -> Sequence[Column]:
    return (
        Column("shift_name", _("Shift")),
        Column("shift_start", _("Begins at"), _("An hour of the day, 0 to 23."), Kind.NUMBER),
        Column("shift_hours", _("Hours"), _("How long it lasts."), Kind.NUMBER),
    )


def told_of(form: FormData) -> Told:
    return Told(
        {name: text_of(form, name) for name in _AIMS},
        [[text_of(form, f"staff_{day}_{hour}") for hour in range(len(HOURS))] for day in range(DAYS)],
        read_lines(form, shift_columns()),
        "\n".join(lines_of(form, "holidays")),
    )


def read_told(told: Told, dealer: str) -> dict[str, Any]:
    """As `read_centre` takes it. Raises `InvalidInput`."""
    numbers = {name: read_number(text, name) for name, text in told.aims.items()}
    percent = numbers.pop("service_percent")
    aims = {name: value for name, value in numbers.items() if value is not None}
    if percent is not None:
        aims["service_level"] = percent / 100
    if "within_s" in aims:
        aims["within_s"] = _whole(aims["within_s"], "within_s")
    return {
        **aims,
        "staff": _staff(told.staff),
        "shifts": [
            {
                "name": cells["shift_name"],
                "start": _whole(read_number(cells["shift_start"], "shifts"), "shifts"),
                "hours": _whole(read_number(cells["shift_hours"], "shifts"), "shifts"),
            }
            for cells in filled(told.lines, shift_columns())
        ],
        **({"holidays": told.holidays.split()} if dealer == HOLDING else {}),
    }


def settings_view(
    services: Services,
    viewer: Viewer,
    dealer: str,
    *,
    told: Told | None = None,
    based_on: int | None = None,
    error: ClosedLoopError | None = None,
    done: bool = False,
) -> dict[str, Any]:
    centre, revision = services.call_centres.get(dealer, seen=viewer.seen)
    with services.database.connect() as connection:
        network = known_network(connection, viewer.seen)
    shown = told or _written(centre)
    return {
        "dealer": dealer,
        "dealer_name": network.by_id[dealer].shown_name if dealer else "",
        "dealers": network.dealers,
        "aims": shown.aims,
        "hours": HOURS,
        "staff": [(weekday_name(day), shown.staff[place]) for place, day in enumerate(WEEKDAYS)],
        "table": EditedTable(shift_columns(), lines_with(shown.lines, {})),
        "holidays": shown.holidays,
        "based_on": revision if based_on is None else based_on,
        "is_kept": bool(revision),
        "error": error,
        "done": done,
        "may_change": may_keep(viewer, dealer),
        "load": f"/call-load?{urlencode({'dealer': dealer})}",
    }


def settings_address(dealer: str, **more: str) -> str:
    return f"/call-load/settings?{urlencode({'dealer': dealer, **more})}"


def _written(centre: CallCentre) -> Told:
    known = centre.as_dict() | {"service_percent": round(centre.service_level * 100, 6)}
    aims = {name: "" if known[name] is None else f"{known[name]:g}" for name in _AIMS}
    staff = centre.staff or [[""] * len(HOURS)] * DAYS
    lines = [
        cells_of({f"{_PREFIX}{name}": value for name, value in each.model_dump().items()}, shift_columns())
        for each in centre.shifts
    ]
    days = "\n".join(day.isoformat() for day in centre.holidays)
    return Told(aims, [[str(each) for each in day] for day in staff], lines, days)


def _staff(texts: Sequence[Sequence[str]]) -> list[list[int]] | None:
    """None where nothing is written at all; an empty hour among others has nobody."""
    if not any(text for day in texts for text in day):
        return None
    return [[_whole(read_number(text, "staff") or 0, "staff") for text in day] for day in texts]


def _whole(value: float | None, where: str) -> int:
    if value is None or value != int(value):
        raise InvalidInput(
            f"{'Nothing' if value is None else f'{value:g}'} is no whole number.",
            where=where,
            help="Write whole numbers.",
        )
    return int(value)
