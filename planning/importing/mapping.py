"""What each column of a table means, as a user says it, and as it is remembered."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from planning.importing.words import Role

_Word = Annotated[str, Field(max_length=200)]


class ColumnUse(BaseModel):
    """`measure` and `month` are of figures, and of totals; without them, the row says which.

    Of totals, `month` is the quarter that they sum, or 0 for the year. Money is in units of `multiply`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role = Role.IGNORED
    measure: _Word = ""
    month: Annotated[int, Field(ge=0, le=99)] = 0
    multiply: Literal[1, 1000, 1_000_000] = 1


class TableMapping(BaseModel):
    """`measure`, `direction` and `dealer` are of the whole table, where neither a column nor a row names them.

    `sheet_is` says what the sheet's name names. Where `repeats`, an empty cell of a name is the same as the one above.
    With `has_sections`, a row of nothing but a name tells what the rows below it are of.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: Annotated[tuple[ColumnUse, ...], Field(max_length=2000)]
    measure: _Word = ""
    direction: _Word = ""
    dealer: _Word = ""
    sheet_is: Role = Role.IGNORED
    repeats: bool = True
    has_sections: bool = False

    def with_role(self, role: Role) -> list[int]:
        return [place for place, column in enumerate(self.columns) if column.role is role]


class Choices(BaseModel):
    """What a user has said about one file: mappings by the header's shape, names by kind and spelling.

    A mapping of one sheet alone is under `shape:name of the sheet`. A name that stands for None is left out, with its
    rows. `left_out` are names of sheets.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mappings: dict[str, TableMapping] = {}
    names: dict[Role, dict[str, str | None]] = {}
    left_out: tuple[str, ...] | None = None

    def mapping_of(self, shape: str, sheet: str) -> TableMapping | None:
        return self.mappings.get(key_of(shape, sheet)) or self.mappings.get(shape)

    @property
    def by_shape(self) -> dict[str, TableMapping]:
        """As they are remembered, whatever sheets they are of."""
        return {key.partition(":")[0]: mapping for key, mapping in self.mappings.items()}


def key_of(shape: str, sheet: str) -> str:
    """Of a mapping that is of one sheet alone."""
    return f"{shape}:{sheet}"
