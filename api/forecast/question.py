"""What the page of forecasts is asked: in its address, to be shared."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from planning.forecast.outlook import Series


@dataclass(frozen=True, slots=True)
class ForecastAddress:
    """An empty dealer or direction stands for all of them."""

    measure: str = "sales"
    dealer: str = ""
    direction: str = ""
    months: int = 12

    @property
    def series(self) -> Series:
        return Series(self.measure, self.dealer, self.direction)

    def address(self, path: str = "/forecasts", **changed: Any) -> str:
        """Of a page or report that is asked the same, but for what is changed."""
        other = replace(self, **{name: value for name, value in changed.items() if name != "form"})
        told = {name: getattr(other, name) for name in ("measure", "dealer", "direction", "months")}
        named = {name: value for name, value in told.items() if value}
        return f"{path}?{urlencode(named | ({'format': changed['form']} if 'form' in changed else {}))}"
