"""What a holding sells, as plans tell it apart: each direction stands for some kinds of deals."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Engine, delete, insert, select

from infra.audit import note_change
from infra.clock import Clock
from infra.errors import InvalidInput
from planning.tables import directions

_ID = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_NAME = Annotated[str, Field(min_length=1, max_length=200)]


class Direction(BaseModel):
    """`kinds` are those of deals, as events name them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: _ID
    name: _NAME
    kinds: tuple[_NAME, ...] = ()


DEFAULT_DIRECTIONS = (
    Direction(id="new_car", name="New cars", kinds=("new_car",)),
    Direction(id="used_car", name="Used cars", kinds=("used_car", "trade_in")),
    Direction(id="after_sales", name="After-sales", kinds=("service", "parts")),
)


def known_directions(engine: Engine) -> tuple[Direction, ...]:
    """Those that were told, else those that ship."""
    with engine.connect() as connection:
        return directions_in(connection)


def directions_in(connection: Connection) -> tuple[Direction, ...]:
    """As `known_directions`, within a transaction."""
    rows = connection.execute(select(directions).order_by(directions.c.place)).all()
    return tuple(Direction(id=row.id, name=row.name, kinds=tuple(row.kinds)) for row in rows) or DEFAULT_DIRECTIONS


def replace_directions(engine: Engine, told: Sequence[Direction], *, author: str, clock: Clock) -> None:
    """None brings those back that ship. Raises `InvalidInput` where an id or a kind stands twice."""
    for what, names in (
        ("direction", [each.id for each in told]),
        ("kind", [kind for each in told for kind in each.kinds]),
    ):
        if double := next((name for name in names if names.count(name) > 1), ""):
            raise InvalidInput(f"The {what} {double!r} is told twice.", where="directions", help="Name it once.")
    before = known_directions(engine)
    with engine.begin() as connection:
        connection.execute(delete(directions))
        rows = [{"place": place, **each.model_dump(mode="json")} for place, each in enumerate(told, 1)]
        if rows:
            connection.execute(insert(directions), rows)
        note_change(
            connection,
            clock,
            who=author,
            what="directions",
            before=_told(before),
            after=_told(told or DEFAULT_DIRECTIONS),
        )


def car_direction(known: Sequence[Direction], name: str = "") -> Direction:
    """That of this id; of new cars, or else the first, where none is named. Raises `InvalidInput`."""
    found = next((each for each in known if (each.id == name if name else "new_car" in each.kinds)), None)
    if found is None and name:
        ids = ", ".join(each.id for each in known)
        raise InvalidInput(f"There is no direction {name!r}.", where="direction", help=f"Choose one of {ids}.")
    return found or known[0]


def directions_of_kinds(known: Sequence[Direction]) -> Mapping[str, str]:
    """The direction of each kind of deal that has one."""
    return {kind: each.id for each in known for kind in each.kinds}


def _told(known: Sequence[Direction]) -> str:
    told: list[dict[str, Any]] = [each.model_dump(mode="json") for each in known]
    return orjson.dumps(told).decode()
