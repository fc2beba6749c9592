"""What is known of one conversion that may be handed back, and the destinations that it may go to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from attribution.outbound.options import Options

Said = Literal["", "granted", "denied"]


@dataclass(frozen=True, slots=True)
class Click:
    """The newest click of the ad system before the conversion: the click id's name and value, and when, in UTC."""

    name: str
    value: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Export:
    """One conversion of the newest run. `value` is in the account's currency, None where it is not known or not told.

    `cookie` is the visitor's id in the ad system's own cookie. Phones are in E.164, those mentioned last come first.
    `gone` marks a conversion that was handed over and is none any more.
    """

    kind: str
    id: str
    at: datetime
    value: Decimal | None
    click: Click | None = None
    cookie: str = ""
    phones: Sequence[str] = ()
    emails: Sequence[str] = ()
    users: Sequence[str] = ()
    ad_user_data: Said = ""
    ad_personalization: Said = ""
    gone: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.id


@dataclass(frozen=True, slots=True)
class Destination:
    """One account of one ad system."""

    id: str
    system: str
    options: Options
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def since(self) -> date:
        return self.options.since
