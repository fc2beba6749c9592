"""The eight contractors that run the campaigns, and what each is paid."""

from dataclasses import dataclass
from datetime import date, timedelta

from collectors.sample.season import Period


@dataclass(frozen=True, slots=True)
class Fee:
    """What is paid from `first` to `last` (None: until further notice), both inclusive. Money in RUB."""

    first: date
    last: date | None = None
    percent: float | None = None
    fixed_month: int | None = None
    per_lead: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a contractor says of itself of the second half of the period: RUB spent for a dealer, and ROMI."""

    budget_per_dealer: int
    romi: float


@dataclass(frozen=True, slots=True)
class Contractor:
    slug: str
    name: str
    fees: tuple[Fee, ...]
    claim: Claim | None = None


def contractors(period: Period) -> list[Contractor]:
    """Two of the contracts change in the middle of the period."""
    start = period.first
    turn = start + timedelta(days=period.days // 2)
    before = turn - timedelta(days=1)
    return [
        Contractor("media-vector", "Media Vector", (Fee(start, percent=12.0),), Claim(125_000, 2.5)),
        Contractor("brandline", "Brandline", (Fee(start, before, percent=8.0), Fee(turn, fixed_month=120_000))),
        Contractor("retarget-lab", "Retarget Lab", (Fee(start, percent=15.0, fixed_month=60_000),), Claim(38_000, 6.5)),
        Contractor(
            "social-hub",
            "Social Hub",
            (Fee(start, before, percent=10.0), Fee(turn, percent=5.0, per_lead=350)),
        ),
        Contractor("channel-seed", "Channel Seed", (Fee(start, percent=20.0),), Claim(20_000, 1.8)),
        Contractor("board-pro", "Board Pro", (Fee(start, fixed_month=90_000),)),
        Contractor("geo-media", "Geo Media", (Fee(start, per_lead=220),)),
        Contractor("radio-wave", "Radio Wave", (Fee(start, percent=10.0),), Claim(40_000, 1.2)),
    ]
