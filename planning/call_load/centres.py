"""What a call centre aims at, who is at work when, and the shifts that there are.

A call centre is a dealer's, or the holding's, which takes the calls of all; this one has an empty name. A dealer of
whom nothing is told aims at what the holding does.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import Connection, Engine, select, update

from attribution.visibility import EVERYTHING, Visibility
from infra.audit import note_change
from infra.clock import Clock
from infra.database import insert_or_meet
from infra.errors import Conflict, InvalidInput, NotPermitted
from planning.call_load.tables import call_centres
from planning.dimensions import known_network

DAYS, HOURS = 7, 24
HOLDING = ""
MOST_STAFF = 500
_ITS = call_centres.c
_Hour = Annotated[int, Field(strict=True, ge=0, le=MOST_STAFF)]
_Day = Annotated[tuple[_Hour, ...], Field(min_length=HOURS, max_length=HOURS)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Shift(_Part):
    """It may last past midnight."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    start: Annotated[int, Field(strict=True, ge=0, le=23)]
    hours: Annotated[int, Field(strict=True, ge=1, le=16)]


class CallCentre(_Part):
    """`staff` are the people at work by day, Monday first, and hour; None where calls tell.

    `handling_s` is talk and what follows it; None is what was measured, with `after_call_s` more. Nobody is needed in
    hours with fewer than `least_calls`. `holidays` are of the holding alone, and count as Sundays.
    """

    service_level: Annotated[float, Field(ge=0.5, le=0.99, allow_inf_nan=False)] = 0.8
    within_s: Annotated[int, Field(strict=True, ge=0, le=600)] = 20
    patience_s: Annotated[float, Field(ge=5, le=3600, allow_inf_nan=False)] = 72.0
    handling_s: Annotated[float | None, Field(ge=10, le=7200, allow_inf_nan=False)] = None
    after_call_s: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = 30.0
    least_calls: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 0.2
    staff: Annotated[tuple[_Day, ...], Field(min_length=DAYS, max_length=DAYS)] | None = None
    shifts: Annotated[tuple[Shift, ...], Field(max_length=12)] = (
        Shift(name="Early", start=8, hours=8),
        Shift(name="Middle", start=10, hours=8),
        Shift(name="Late", start=13, hours=8),
    )
    holidays: Annotated[tuple[date, ...], Field(max_length=200)] = ()

    @model_validator(mode="after")
    def _names_are_told_apart(self) -> Self:
        names = [each.name.casefold() for each in self.shifts]
        if double := next((name for name in names if names.count(name) > 1), ""):
            raise ValueError(f"two shifts are called {double!r}")
        return self

    def as_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


_HELP = {
    "service_level": "Write a share from 0.5 to 0.99: 0.8 is four of five calls.",
    "within_s": "Write whole seconds from 0 to 600.",
    "patience_s": "Write seconds from 5 to 3600: the mean after which callers hang up.",
    "handling_s": "Write seconds from 10 to 7200, or leave it empty for what was measured.",
    "after_call_s": "Write seconds from 0 to 3600.",
    "least_calls": "Write calls an hour from 0 to 100.",
    "staff": f"Write whole people from 0 to {MOST_STAFF} for each hour of seven days, or leave all of them out.",
    "shifts": "Each has a name of its own, the hour at which it begins, and 1 to 16 hours; there are 12 at most.",
    "holidays": "Write days as 2026-12-31, 200 at most.",
}


def read_centre(told: Mapping[str, Any]) -> CallCentre:
    """What is left out is as it ships. Raises `InvalidInput`, which names the field."""
    try:
        return CallCentre.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "shifts"
        name = place.partition(".")[0]
        raise InvalidInput(
            f"{place}: {first['msg']}. Nothing was changed.",
            where=place,
            help=_HELP.get(name, f"A call centre has {', '.join(_HELP)}."),
        ) from None


class Centres:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def known(self) -> Mapping[str, CallCentre]:
        """By name, those of which anything is told."""
        with self._engine.connect() as connection:
            return {row.centre: _read(row.told) for row in connection.execute(select(call_centres))}

    def get(self, name: str, *, seen: Visibility = EVERYTHING) -> tuple[CallCentre, int]:
        """As it is in force, and its revision: 0 where nothing is told of it. Raises `NotFound`."""
        with self._engine.connect() as connection:
            if name != HOLDING:
                known_network(connection, seen).dealer(name)
            row = connection.execute(select(call_centres).where(_ITS.centre == name)).one_or_none()
            if row:
                return _read(row.told), row.revision
        return in_force(self.known(), name), 0

    def keep(
        self, name: str, told: CallCentre, *, based_on: int, author: str, seen: Visibility = EVERYTHING
    ) -> CallCentre:
        """Put this in force. Raises `InvalidInput`, `NotFound`, `NotPermitted` and `Conflict`."""
        _check_owner(name, told, seen)
        with self._engine.begin() as connection:
            if name != HOLDING:
                known_network(connection, seen).dealer(name)
            before = connection.scalar(select(_ITS.told).where(_ITS.centre == name))
            self._write(connection, name, told, based_on, author)
            note_change(
                connection,
                self._clock,
                who=author,
                what=f"call centre {name or 'of the holding'}",
                before=orjson.dumps(before).decode() if before else "",
                after=orjson.dumps(told.as_dict()).decode(),
            )
        return told

    def _write(self, connection: Connection, name: str, told: CallCentre, based_on: int, author: str) -> None:
        row = {"told": told.as_dict(), "changed_at": self._clock.now(), "changed_by": author, "revision": based_on + 1}
        if based_on == 0:
            made = insert_or_meet(connection, call_centres).on_conflict_do_nothing().returning(_ITS.revision)
            is_done = connection.execute(made, {"centre": name, **row}).scalar_one_or_none() is not None
        else:
            wanted = (_ITS.centre == name) & (_ITS.revision == based_on)
            is_done = connection.execute(update(call_centres).where(wanted).values(row)).rowcount == 1
        if not is_done:
            by = connection.scalar(select(_ITS.changed_by).where(_ITS.centre == name))
            raise Conflict(
                f"{by or 'Somebody'} has changed this call centre meanwhile.",
                where="based_on",
                help="Load the page again, and change what is in force now.",
            )


def in_force(known: Mapping[str, CallCentre], name: str) -> CallCentre:
    """A dealer of whom nothing is told has the holding's aims, but not its people; holidays are the holding's."""
    of_all = known.get(HOLDING, CallCentre())
    if name == HOLDING:
        return of_all
    own = known.get(name, of_all.model_copy(update={"staff": None}))
    return own.model_copy(update={"holidays": of_all.holidays})


def _check_owner(name: str, told: CallCentre, seen: Visibility) -> None:
    if name == HOLDING and not seen.is_everything:
        raise NotPermitted("The holding's call centre is not one of your dealers'.", help="Choose one of your dealers.")
    if name != HOLDING and told.holidays:
        raise InvalidInput(
            "Holidays are of the whole holding.", where="holidays", help="Tell them at the call centre of the holding."
        )


def _read(told: Any) -> CallCentre:
    return CallCentre.model_validate(told)
