"""Items of media plans in the database. Whoever writes holds the plan."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, union_all, update

from infra.errors import InvalidInput
from planning.media.items import MediaItem, ToldItem
from planning.media.money import shown
from planning.media.pacing import Pacing
from planning.media.tables import committed_items, media_commitments, media_items, media_transfers

_its = media_items.c
_NAMES = ("channel", "campaign", "contractor", "budget", "impressions", "clicks", "leads", "cpl_of", "note")


def read_items(connection: Connection, plans: Sequence[int]) -> Sequence[MediaItem]:
    """In the order of plans and of their places."""
    rows = select(media_items).where(_its.plan.in_(plans)).order_by(_its.plan, _its.place, _its.id)
    return [_item(row) for row in connection.execute(rows)] if plans else []


def committed_by_item(connection: Connection, plans: Sequence[int]) -> Mapping[int, int]:
    """What is ordered of each item, net."""
    its, order = committed_items.c, media_commitments.c
    rows = (
        select(its.item, func.sum(its.net).label("net"))
        .join(media_commitments, order.id == its.commitment)
        .where(order.plan.in_(plans), order.state == "ordered")
        .group_by(its.item)
    )
    return {row.item: int(row.net) for row in connection.execute(rows)} if plans else {}


def put_items(connection: Connection, plan: int, told: Sequence[ToldItem]) -> tuple[Any, Any]:
    """In place of those that are there; what differs, before and after. Raises `InvalidInput`."""
    before = {each.id: each for each in read_items(connection, [plan])}
    committed = committed_by_item(connection, [plan])
    _check_known(connection, before, told, committed)
    gone = set(before) - {item.id for item in told}
    if gone:
        connection.execute(delete(media_items).where(_its.id.in_(gone)))
    for place, item in enumerate(told):
        row = _row(plan, place, item)
        if item.id:
            connection.execute(update(media_items).where(_its.id == item.id).values(row))
        else:
            connection.execute(insert(media_items), row | {"approved": 0, "moved_freely": 0})
    after = {each.id: each for each in read_items(connection, [plan])}
    differing = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return _noted(before, differing), _noted(after, differing)


def _check_known(
    connection: Connection, before: Mapping[int, MediaItem], told: Sequence[ToldItem], committed: Mapping[int, int]
) -> None:
    named = [item.id for item in told if item.id]
    for place, item in enumerate(told):
        where = f"items.{place}"
        if item.id and (item.id not in before or named.count(item.id) > 1):
            raise InvalidInput(
                f"Item {place + 1}: this plan has no item {item.id}, or it is told twice.",
                where=f"{where}.id",
                help="Leave the id out for a new item.",
            )
        ordered = committed.get(item.id or 0, 0)
        if item.budget < ordered:
            raise InvalidInput(
                f"Item {place + 1}: {shown(ordered):,.2f} of it are ordered.",
                where=f"{where}.budget",
                help="Write as much at least, or cancel the order first.",
            )
    gone = set(before) - set(named)
    used = _used(connection, gone)
    if used:
        raise InvalidInput(
            f"{before[used[0]].title} cannot go: orders or reallocations name it.",
            where="items",
            help="Set its budget to 0 instead.",
        )


def _used(connection: Connection, items: set[int]) -> list[int]:
    ordered, moved = committed_items.c.item, media_transfers.c.item
    found = union_all(
        select(ordered.label("item")).where(ordered.in_(items)), select(moved.label("item")).where(moved.in_(items))
    )
    return sorted(set(connection.scalars(found))) if items else []


def _row(plan: int, place: int, item: ToldItem) -> dict[str, Any]:
    told = {name: getattr(item, name) for name in _NAMES}
    days = {"first_day": item.first, "last_day": item.last}
    return {**told, **days, "plan": plan, "place": place, "pacing": item.pacing.value}


def _item(row: Row[Any]) -> MediaItem:
    told = dict(row._mapping)
    days = {"first": told.pop("first_day"), "last": told.pop("last_day")}
    return MediaItem(**{**told, **days, "pacing": Pacing(row.pacing)})


def _noted(items: Mapping[int, MediaItem], keys: Sequence[int]) -> list[dict[str, Any]]:
    return [items[key].as_dict() for key in keys if key in items]
