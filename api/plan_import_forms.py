"""What the forms of the import's wizard say about columns and names."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData

from api.forms import text_of, texts_of
from infra.errors import InvalidInput
from planning.importing.mapping import Choices, ColumnUse, TableMapping, key_of
from planning.importing.register import Import
from planning.importing.words import Role

LEFT_OUT, AS_IT_IS = "-", "+"
"""Instead of an id: the rows are left out; the name is a new one."""


@dataclass(frozen=True, slots=True)
class AskedTable:
    """Sheets whose columns mean the same, of which the first is shown; `key` is that of their mapping."""

    key: str
    sheets: tuple[dict[str, Any], ...]

    @property
    def first(self) -> dict[str, Any]:
        return self.sheets[0]


def tables_of(found: Import) -> list[AskedTable]:
    """Sheets with the same header, unless their titles or names tell that they are of different things."""
    by_shape: dict[str, list[dict[str, Any]]] = {}
    for sheet in found.found.get("sheets", []):
        if sheet["shape"]:
            by_shape.setdefault(sheet["shape"], []).append(sheet)
    asked = []
    for shape, sheets in by_shape.items():
        if len({tuple(each["mapping"][name] for name in _OF_THE_WHOLE) for each in sheets}) == 1:
            asked.append(AskedTable(shape, tuple(sheets)))
        else:
            asked += [AskedTable(key_of(shape, each["name"]), (each,)) for each in sheets]
    return asked


_OF_THE_WHOLE = ("measure", "dealer", "direction", "sheet_is")


def said_of_columns(found: Import, form: FormData) -> Choices:
    """Raises `InvalidInput` for what no form of ours can say."""
    mappings = {
        table.key: _mapping(form, f"{number}", len(table.first["headings"]))
        for number, table in enumerate(tables_of(found))
    }
    taken = texts_of(form, "sheet")
    names = [sheet["name"] for sheet in found.found.get("sheets", [])]
    left_out = tuple(name for name in names if name and name not in taken)
    return found.choices.model_copy(update={"mappings": mappings, "left_out": left_out})


def _mapping(form: FormData, table: str, width: int) -> TableMapping:
    try:
        return TableMapping(
            columns=tuple(_column(form, f"{table}-{column}") for column in range(width)),
            measure=text_of(form, f"measure-{table}"),
            dealer=text_of(form, f"dealer-{table}"),
            direction=text_of(form, f"direction-{table}"),
            sheet_is=Role(text_of(form, f"sheet-is-{table}")),
            repeats=bool(text_of(form, f"repeats-{table}")),
            has_sections=bool(text_of(form, f"sections-{table}")),
        )
    except (ValidationError, ValueError) as error:
        raise InvalidInput(
            "What was said of the columns cannot be read.", where="columns", help="Load the page again."
        ) from error


def _column(form: FormData, name: str) -> ColumnUse:
    role = Role(text_of(form, f"role-{name}"))
    if role is Role.TOTAL:
        return ColumnUse(
            role=role, measure=text_of(form, f"measure-{name}"), month=int(text_of(form, f"sums-{name}") or 0)
        )
    if role is not Role.FIGURES:
        return ColumnUse(role=role)
    multiply = int(text_of(form, f"multiply-{name}") or 1)
    return ColumnUse.model_validate({
        "role": role,
        "measure": text_of(form, f"measure-{name}"),
        "month": int(text_of(form, f"month-{name}") or 0),
        "multiply": multiply,
    })  # fmt: skip


def said_of_names(found: Import, form: FormData) -> Choices:
    """Raises `InvalidInput` where a name is left without an answer."""
    names = {role: dict(told) for role, told in found.choices.names.items()}
    for role, spelling, field in asked_names(found):
        chosen = text_of(form, field)
        if not chosen:
            raise InvalidInput(
                f"Nobody has said yet what “{spelling}” means.", where=field, help="Choose it, or leave its rows out."
            )
        meant = None if chosen == LEFT_OUT else spelling if chosen == AS_IT_IS else chosen
        names.setdefault(role, {})[spelling] = meant
    return found.choices.model_copy(update={"names": names})


def asked_names(found: Import) -> Iterator[tuple[Role, str, str]]:
    """Of each name that is asked for: its kind, its spelling, and the field that answers. Explained ones come last."""
    asked: dict[tuple[str, str], None] = {}
    for role, told in found.found.get("unknown", {}).items():
        asked |= dict.fromkeys((role, each["spelling"]) for each in told)
    for role, spelt in found.found.get("explained", {}).items():
        asked |= dict.fromkeys((role, spelling) for spelling in spelt)
    for role, told in found.choices.names.items():
        asked |= dict.fromkeys((role.value, spelling) for spelling, meant in told.items() if meant is None)
    for number, (role, spelling) in enumerate(asked):
        yield Role(role), spelling, f"name-{number}"
