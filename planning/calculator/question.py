"""A whole question of the calculator as JSON has it: scope, month, goal and what is held. Scenarios keep it so."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from planning.calculator.asked import Asked, ChannelAsked
from planning.media.months import Month, read_month

_Amount = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Name = Annotated[str, Field(max_length=200)]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChannelTold(_Told):
    """What is held of a channel: money in units, conversions and shares from 0 to 1. What is left out is measured."""

    channel: _Name
    cpl: _Amount | None = None
    visit_rate: _Amount | None = None
    sale_rate: _Amount | None = None
    budget: _Amount | None = None
    share: _Amount | None = None


class CalculatorQuestion(_Told):
    """An empty dealer is all that are seen, an empty direction all but service; the month is the next unless said.

    Either `sales` or `budget`; neither asks what the usual budget brings. `stock` is how many units there are to sell.
    """

    dealer: _Name = ""
    direction: _Name = ""
    month: Annotated[str, Field(max_length=7)] = ""
    sales: _Amount | None = None
    budget: _Amount | None = None
    cpl: _Amount | None = None
    visit_rate: _Amount | None = None
    sale_rate: _Amount | None = None
    channels: Annotated[tuple[ChannelTold, ...], Field(max_length=200)] = ()
    stock: _Amount | None = None
    currency: Annotated[str, Field(max_length=3)] = ""

    @property
    def of_month(self) -> Month:
        """Raises `InvalidInput`."""
        return read_month(self.month)

    @property
    def asked(self) -> Asked:
        return Asked(
            self.sales,
            self.budget,
            self.cpl,
            self.visit_rate,
            self.sale_rate,
            tuple(ChannelAsked(**dict(each)) for each in self.channels),
            self.stock,
            self.currency,
        )

    def as_dict(self) -> dict[str, Any]:
        """Without what is not said."""
        return self.model_dump(mode="json", exclude_defaults=True)
