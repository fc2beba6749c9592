"""What the forms of a plan's page send: numbers as people write them, and what stood there before."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson
from starlette.datastructures import FormData

from api.forms import number_of, text_of, texts_of
from infra.errors import InvalidInput
from planning.editing import Cell
from planning.grid import LineKey
from planning.measures import PlannedMeasure
from planning.plans import Plan
from planning.splitting import Split, SplitMethod

WHOLE_YEAR = "year"
_BLANKS = re.compile(r"\s+")
_PLACES = ("holding", "brand", "dealer", "direction", "channel")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row of the page stands; a row of one line alone `is_line`."""

    holding: str = ""
    brand: str = ""
    dealer: str = ""
    direction: str = ""
    channel: str = ""
    contractor: str = ""
    is_line: bool = False

    @property
    def told(self) -> str:
        """As the form brings it back."""
        return orjson.dumps({name: getattr(self, name) for name in self.__slots__}).decode()

    def key(self, measure: PlannedMeasure) -> LineKey:
        return LineKey(measure.slug, self.dealer, self.direction, self.channel, self.contractor)


@dataclass(frozen=True, slots=True)
class Changed:
    """A cell that was written otherwise; `month` is None for the whole row. `value` is in smallest units."""

    place: Place
    month: int | None
    value: int


def read_place(text: str) -> Place:
    """Raises `InvalidInput`."""
    try:
        told = orjson.loads(text)
        return Place(**{name: told[name] for name in Place.__slots__ if isinstance(told[name], str | bool)})
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise InvalidInput("The form is not the page's.", where="row", help="Load the page again.") from None


def read_amount(text: str, measure: PlannedMeasure, where: str) -> int:
    """`1 234,5` and `1,234.50`, with any blanks between; empty is 0. Raises `InvalidInput`, naming the cell."""
    plain = _BLANKS.sub("", text).replace("'", "")
    if "," in plain and "." not in plain:
        plain = plain.replace(",", ".", 1)
    try:
        return measure.kept(plain.replace(",", "") or "0")
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error.message}", where=where, help=error.help) from None


def changed_cells(form: FormData, measure: PlannedMeasure, plan: Plan, names: Mapping[int, str]) -> Iterator[Changed]:
    """Those whose number is not the one that stood there. Raises `InvalidInput`."""
    count = number_of(form, "rows")
    for row in range(count):
        was = text_of(form, f"was|{row}").split(",")
        places = [*plan.months, WHOLE_YEAR]
        if len(was) != len(places):
            continue
        for place, before in zip(places, was, strict=True):
            told = form.get(f"cell|{row}|{place}")
            where = f"{names.get(row, '')} {place}".strip()
            if isinstance(told, str) and (value := read_amount(told, measure, where)) != int(before or 0):
                of = read_place(text_of(form, f"place|{row}"))
                yield Changed(of, place if isinstance(place, int) else None, value)


def as_cells(changed: Sequence[Changed], measure: PlannedMeasure, based_on: int) -> list[Cell]:
    """Of rows of one line, and one month."""
    return [
        Cell(each.place.key(measure), each.month, each.value, based_on=based_on)
        for each in changed
        if each.place.is_line and each.month is not None
    ]


def as_splits(changed: Sequence[Changed], measure: PlannedMeasure, plan: Plan) -> list[Split]:
    """What is written above lines is shared out below as it is shared now."""
    return [
        Split(
            measure.slug,
            (each.value,),
            (each.month,) if each.month else plan.months,
            SplitMethod.CURRENT,
            **{name: getattr(each.place, name) for name in _PLACES},
        )
        for each in changed
        if not (each.place.is_line and each.month is not None)
    ]


def read_split(form: FormData, measure: PlannedMeasure, plan: Plan, place: Place) -> Split:
    """The form that shares a total out from a place. Raises `InvalidInput`."""
    months = tuple(int(each) for each in texts_of(form, "months") if each.isdecimal()) or plan.months
    return Split(
        measure.slug,
        (read_amount(text_of(form, "total"), measure, "total"),),
        months,
        read_method(text_of(form, "method")),
        **{name: getattr(place, name) for name in _PLACES},
        directions=tuple(texts_of(form, "directions")),
        step=max(number_of(form, "step"), 1) * measure.scale,
    )


def read_method(text: str) -> SplitMethod:
    """Raises `InvalidInput`."""
    if text not in set(SplitMethod):
        raise InvalidInput(
            f"There is no way {text!r} to share.", where="method", help=f"Choose one of {', '.join(SplitMethod)}."
        )
    return SplitMethod(text)
