"""Settings of the account that administrators may change while the service runs.

`infra/settings.py` reads them from the environment; what is changed on a page is kept over that, and held to the same
limits.
"""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from infra.currency import known_currency

Days = Annotated[int, Field(ge=1, le=3650)]


class AccountSettings(BaseModel):
    currency: Annotated[str, AfterValidator(known_currency)] = Field(
        "RUB", description="The account's currency (ISO 4217). Money in another one is turned into it by dated rates."
    )
    vat_percent: float = Field(
        20.0, ge=0, le=100, allow_inf_nan=False, description="VAT rate taken out of spend that says it includes VAT."
    )
    net_of_vat: bool = Field(True, description="Whether reports show cost net of VAT.")
    lookback_days: Days = Field(90, description="How many days before a conversion a touch still counts.")
    lookback_days_by_kind: dict[str, Days] = Field(
        default_factory=dict, description='Look-back per kind of conversion, as JSON: {"sale": 180}.'
    )
    lead_window_days: int = Field(
        30, ge=0, le=365, description="Requests of one person to one dealer within these days are one lead."
    )
    late_minutes: int = Field(
        60, ge=1, le=100_000, description="A lead whose first response took more minutes than this is late."
    )
    unprocessed_hours: int = Field(
        24, ge=1, le=1000, description="An open lead that nobody answered for so many hours is unprocessed."
    )
