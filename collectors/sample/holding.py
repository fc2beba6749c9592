"""The holding: dealer centres of four brands in three cities, their telephone numbers and their campaigns.

No telephone number here belongs to anyone: in Russia no local number begins with 0, and all of these do
(+7 495 0xx-xx-xx), though they have the form of a valid number.
"""

from dataclasses import dataclass

import numpy as np

from collectors.sample.channels import PLACEMENTS, Placement

_OFFICE_LINE, _FIRST_POOL_LINE, POOL_LINES = 99, 50, 4
_CITY_TURN = (0, 0, 1, 0, 2, 1, 0, 1, 0, 2)


@dataclass(frozen=True, slots=True)
class City:
    slug: str
    name: str
    code: str
    group: str
    click_price: float
    car_price: float


@dataclass(frozen=True, slots=True)
class Brand:
    slug: str
    name: str
    models: tuple[tuple[str, int], ...]
    """Each with its price in RUB."""
    margin: float


@dataclass(frozen=True, slots=True)
class Dealer:
    index: int
    slug: str
    brand: Brand
    city: City
    care: float
    """How well it looks after requests: 1 is usual."""

    @property
    def name(self) -> str:
        return f"{self.brand.name} {self.city.name} {self.slug[-2:]}"

    def line(self, place: int) -> str:
        return f"+7{self.city.code}0{place:02d}{self.index:04d}"

    @property
    def office_line(self) -> str:
        return self.line(_OFFICE_LINE)

    def pool_line(self, turn: int) -> str:
        """A number of those that are shown to one session at a time."""
        return self.line(_FIRST_POOL_LINE + turn % POOL_LINES)


@dataclass(frozen=True, slots=True)
class Campaign:
    placement: int
    name: str = ""

    @property
    def way_in(self) -> Placement:
        return PLACEMENTS[self.placement]


CITIES = (
    City("moscow", "Moscow", "495", "Capital", 1.35, 1.0),
    City("saint-petersburg", "Saint Petersburg", "812", "North-West", 1.1, 0.98),
    City("kazan", "Kazan", "843", "Volga", 0.75, 0.95),
)
BRANDS = (
    Brand("chery", "Chery", (("Tiggo 4", 2_150_000), ("Tiggo 7", 2_790_000), ("Tiggo 8", 3_590_000)), 0.068),
    Brand("haval", "Haval", (("Jolion", 2_250_000), ("F7", 2_990_000), ("Dargo", 3_190_000)), 0.064),
    Brand("geely", "Geely", (("Coolray", 2_390_000), ("Atlas", 3_150_000), ("Monjaro", 4_490_000)), 0.071),
    Brand("lada", "Lada", (("Granta", 890_000), ("Vesta", 1_690_000), ("Niva Travel", 1_450_000)), 0.049),
)
MOST_DEALERS = 9_999  # of four digits in each telephone number
REMINDER = "service-reminder"


class Holding:
    def __init__(self, dealers: int, rng: np.random.Generator) -> None:
        self.dealers = _dealers(dealers, rng.uniform(0.7, 1.2, dealers).tolist())
        self.campaigns, self._of_dealer = _campaigns(self.dealers)
        sizes = rng.uniform(0.6, 1.6, dealers)
        self.shares = np.cumsum(sizes) / sizes.sum()

    def campaign_of(self, placement: int, dealer: int) -> int:
        return self._of_dealer[placement][dealer]


def _dealers(count: int, care: list[float]) -> list[Dealer]:
    made: list[Dealer] = []
    seen: dict[str, int] = {}
    for index in range(count):
        city_index = _CITY_TURN[index // len(BRANDS) % len(_CITY_TURN)]
        city, brand = CITIES[city_index], BRANDS[index % len(BRANDS)]
        place = f"{brand.slug}-{city.slug}"
        seen[place] = seen.get(place, 0) + 1
        made.append(Dealer(index, f"{place}-{seen[place]:02d}", brand, city, care[index]))
    return made


def _campaigns(dealers: list[Dealer]) -> tuple[list[Campaign], list[list[int]]]:
    """All campaigns, and the index among them per placement and dealer."""
    known: dict[Campaign, int] = {}
    table = []
    for placement, way_in in enumerate(PLACEMENTS):
        row = []
        for dealer in dealers:
            name = way_in.campaign.format(brand=dealer.brand.slug, city=dealer.city.slug)
            row.append(known.setdefault(Campaign(placement, name), len(known)))
        table.append(row)
    return list(known), table
