"""A small holding to read files against, without a database."""

from datetime import date

from planning.dimensions import DealerPlace
from planning.importing.guessing import Wanted
from planning.importing.mapping import Choices
from planning.importing.names import Known, Named, Names
from planning.importing.reading import FileRead, World, read_file
from planning.importing.words import Role, measure_of
from planning.measures import PLANNED

DEALERS = (
    DealerPlace("north", "Север на МКАД", "Lada", "Москва", "", "", None, None),
    DealerPlace("south", "Юг", "Lada", "Тула", "", "", None, None),
    DealerPlace("east", "Восток", "Chery", "Москва", "", "", None, date(2027, 6, 30)),
    DealerPlace("west", "Запад", "Chery", "Калуга", "", "", date(2027, 4, 15), None),
)
KNOWN = Known({
    Role.DEALER: Names(tuple(Named(each.id, each.name) for each in DEALERS)),
    Role.DIRECTION: Names((Named("new_car", "New cars", ("новые автомобили",)), Named("after_sales", "Сервис"))),
    Role.MEASURE: Names(tuple(Named(each.slug, each.title) for each in PLANNED.values()), by_words=measure_of),
    Role.CHANNEL: Names((Named("paid_search", "", ("контекст",)), Named("direct")), takes_new=True),
    Role.CONTRACTOR: Names((Named("acme", "Акме"),)),
})  # fmt: skip


def world(*, month: int | None = None, is_facts: bool = False, currency: str = "RUB") -> World:
    places = {each.id: each for each in DEALERS}
    return World(KNOWN, places, Wanted(2027, month, is_facts), currency)


def read(data: bytes, choices: Choices | None = None, against: World | None = None) -> FileRead:
    return read_file(data, choices or Choices(), against or world(), lambda _part: None)


def cells(found: FileRead) -> dict[tuple[str, str], list[int | None]]:
    """By measure and dealer, whatever else the lines are of."""
    return {(key.measure, key.dealer): values for key, values in found.lines.lines.items()}


def said(found: FileRead) -> list[str]:
    """Errors with their places."""
    return [f"{each.place}: {each.message}" for each in found.problems.errors]


def warned(found: FileRead) -> list[str]:
    return [f"{each.place}: {each.message}" for each in found.problems.warnings]
