"""What is told of plans, in JSON: numbers as people write them, in units or whole money."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.row_ids import LARGEST_ID
from planning.editing import Cell
from planning.grid import Grid, LineKey
from planning.measures import planned_measure
from planning.plans import Plan
from planning.splitting import Split, SplitMethod
from planning.tables import MONTHS

Name = Annotated[str, Field(max_length=200)]
Why = Annotated[str, Field(max_length=2000)]
Number = Annotated[Decimal, Field(max_digits=18, allow_inf_nan=False)]
_EDIT = Annotated[int, Field(ge=0, le=LARGEST_ID)]
_MOST_CELLS = 50_000


class Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewPlan(Told):
    """`month` makes it a plan of that month. `based_on` is the id of a version, whose lines it has at first."""

    name: Name
    year: int
    month: int | None = None
    currency: Annotated[str, Field(max_length=3)] = ""
    based_on: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None


class NewVersion(Told):
    """`based_on` is the id of a version of the plan; its newest unless said."""

    why: Why = ""
    based_on: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None


class ToldCell(Told):
    measure: Name
    dealer: Name
    direction: Name = ""
    channel: Name = ""
    contractor: Name = ""
    month: int
    value: Number | None = None
    locked: bool | None = None
    based_on: _EDIT | None = None

    def cell(self) -> Cell:
        """Raises `InvalidInput`."""
        value = None if self.value is None else planned_measure(self.measure).kept(self.value)
        key = LineKey(self.measure, self.dealer, self.direction, self.channel, self.contractor)
        return Cell(key, self.month, value, self.locked, self.based_on)


class ToldCells(Told):
    """`keep` lets other cells take the difference of one that is changed: those of its line's year, or of its month."""

    cells: Annotated[list[ToldCell], Field(min_length=1, max_length=_MOST_CELLS)]
    why: Why = ""
    keep: Literal["", "year", "month"] = ""


class ToldSplit(Told):
    """`totals` is one of all `months` together, or one of each; all months of the plan unless said.

    `weights` are of dealers, `month_weights` of the twelve months. `step` is in whole units: money is shared out in
    whole units of its currency unless said.
    """

    measure: Name
    totals: Annotated[list[Number], Field(min_length=1, max_length=len(MONTHS))]
    months: list[int] = []
    method: SplitMethod = SplitMethod.HISTORY
    holding: Name = ""
    brand: Name = ""
    dealer: Name = ""
    direction: Name = ""
    channel: Name = ""
    directions: list[Name] = []
    channels: list[Name] = []
    weights: dict[str, Annotated[float, Field(ge=0, le=1e12)]] = {}
    month_weights: Annotated[list[Annotated[float, Field(ge=0, le=1e12)]], Field(max_length=len(MONTHS))] = []
    step: Annotated[int, Field(ge=1, le=10**12)] = 1
    why: Why = ""
    based_on: _EDIT | None = None

    def split(self, plan: Plan) -> Split:
        """Raises `InvalidInput`."""
        measure = planned_measure(self.measure)
        return Split(
            self.measure,
            tuple(measure.kept(total) for total in self.totals),
            tuple(sorted(set(self.months))) or plan.months,
            self.method,
            self.holding,
            self.brand,
            self.dealer,
            self.direction,
            self.channel,
            tuple(self.directions),
            tuple(self.channels),
            self.step * measure.scale,
        )


def lines_told(grid: Grid) -> list[dict[str, Any]]:
    """Lines with their twelve months, which of them are locked, and their newest edit."""
    rows = zip(grid.keys, grid.values.tolist(), grid.locked.tolist(), grid.edits.tolist(), strict=True)
    return [
        {
            **key._asdict(),
            "months": [planned_measure(key.measure).shown(value) for value in values],
            "locked": [month for month, is_locked in enumerate(locked, 1) if is_locked],
            "edit": edit,
        }
        for key, values, locked, edit in rows
    ]
