"""Saved views: a page with its parameters under a name, and under an address that can be passed on.

Whoever may read reports finds shared views; private ones are found by their owner alone. A view keeps the days that its
address has, or a period such as last month that moves along.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl

import orjson
from sqlalchemy import Connection, Engine, Row, delete, func, insert, or_, select, update

from api.overview_questions import NamedPeriod
from api.questions import read_choice
from api.views.address import ViewAddress, read_address
from api.views.tables import default_views, mail_schedules, saved_views
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import InvalidInput, NotFound

_its = saved_views.c
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class SavedView:
    """`period` is empty where the address says which days. Moments are in UTC."""

    id: str
    name: str
    owner: str
    address: ViewAddress
    period: str
    shared: bool
    created_at: datetime
    changed_at: datetime

    def address_on(self, today: date) -> ViewAddress:
        """What it opens on that day of the account."""
        if not self.period:
            return self.address
        days = NamedPeriod(self.period).days(today)
        return self.address.of_days(days.first_day.isoformat(), days.last_day.isoformat())

    def as_dict(self) -> dict[str, Any]:
        told = {"id": self.id, "name": self.name, "owner": self.owner, "address": self.address.text}
        moments = {"created_at": self.created_at.isoformat(), "changed_at": self.changed_at.isoformat()}
        return {**told, "period": self.period, "shared": self.shared, "link": f"/views/{self.id}", **moments}


class SavedViews:
    """Safe to use from several threads and processes. `viewer` is the name of whoever asks."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def list(self, viewer: str) -> "list[SavedView]":
        """Their own and those that are shared, by name."""
        rows = select(saved_views).where(_visible_to(viewer)).order_by(func.lower(_its.name), _its.id)
        with self._engine.connect() as connection:
            return [_view(row) for row in connection.execute(rows)]

    def get(self, key: str, viewer: str) -> SavedView:
        """Raises `NotFound`, for one that is private to somebody else, too."""
        with self._engine.connect() as connection:
            row = connection.execute(select(saved_views).where(_its.id == key, _visible_to(viewer))).one_or_none()
        if row is None:
            raise _missing(key)
        return _view(row)

    def save(self, name: str, address: str, *, viewer: str, period: str = "", shared: bool = False) -> SavedView:
        """Raises `InvalidInput`."""
        now, key = self._clock.now(), secrets.token_urlsafe(8)
        view = SavedView(key, _name(name), viewer, read_address(address), _period(period), shared, now, now)
        with self._engine.begin() as connection:
            connection.execute(insert(saved_views), _row(view))
            self._note(connection, viewer, key, after=view)
        return view

    def change(
        self,
        key: str,
        *,
        viewer: str,
        name: str | None = None,
        address: str | None = None,
        period: str | None = None,
        shared: bool | None = None,
    ) -> SavedView:
        """What is not told stays. Only its owner changes it. Raises `InvalidInput`, `NotFound`."""
        with self._engine.begin() as connection:
            before = self._own(connection, key, viewer)
            after = SavedView(
                key,
                before.name if name is None else _name(name),
                viewer,
                before.address if address is None else read_address(address),
                before.period if period is None else _period(period),
                before.shared if shared is None else shared,
                before.created_at,
                self._clock.now(),
            )
            if before.shared and not after.shared:
                self._check_unused(connection, key, "made private", but=viewer)
            connection.execute(update(saved_views).where(_its.id == key).values(_row(after)))
            self._note(connection, viewer, key, before=before, after=after)
        return after

    def remove(self, key: str, *, viewer: str) -> None:
        """Only its owner removes it. Raises `NotFound`, and `InvalidInput` while schedules send it."""
        with self._engine.begin() as connection:
            before = self._own(connection, key, viewer)
            self._check_unused(connection, key, "removed")
            connection.execute(delete(default_views).where(default_views.c.view == key))
            connection.execute(delete(saved_views).where(_its.id == key))
            self._note(connection, viewer, key, before=before)

    def defaults(self, viewer: str) -> "dict[str, SavedView]":
        """With which view they open a page, by the page's path."""
        chosen = select(default_views.c.view).where(default_views.c.owner == viewer)
        with self._engine.connect() as connection:
            rows = connection.execute(select(saved_views).where(_its.id.in_(chosen), _visible_to(viewer)))
            return {view.address.path: view for view in map(_view, rows)}

    def open_with(self, key: str, *, viewer: str, chosen: bool = True) -> None:
        """Let them open its page with this view from now on, or no more. Raises `NotFound`."""
        view = self.get(key, viewer)
        its = default_views.c
        of_page = (its.owner == viewer) & (its.path == view.address.path)
        with self._engine.begin() as connection:
            connection.execute(delete(default_views).where(of_page if chosen else of_page & (its.view == key)))
            if chosen:
                row = {"owner": viewer, "path": view.address.path, "view": key}
                connection.execute(insert(default_views), row)

    def _own(self, connection: Connection, key: str, viewer: str) -> SavedView:
        row = connection.execute(select(saved_views).where(_its.id == key, _visible_to(viewer))).one_or_none()
        if row is None:
            raise _missing(key)
        if row.owner != viewer:
            raise InvalidInput(
                f"The view {row.name!r} belongs to {row.owner}.",
                where="id",
                help="Save it under a name of your own, and change that.",
            )
        return _view(row)

    def _check_unused(self, connection: Connection, key: str, what: str, *, but: str = "") -> None:
        count = select(func.count()).where(mail_schedules.c.view == key, mail_schedules.c.owner != but)
        used = connection.scalar(count) or 0
        if used:
            raise InvalidInput(
                f"The view cannot be {what}: schedules send it by mail, {used} of them.",
                where="id",
                help="Remove those schedules first.",
            )

    def _note(
        self,
        connection: Connection,
        viewer: str,
        key: str,
        *,
        before: SavedView | None = None,
        after: SavedView | None = None,
    ) -> None:
        note_change(connection, self._clock, who=viewer, what=f"view {key}", before=_told(before), after=_told(after))


def _visible_to(viewer: str) -> Any:
    return or_(_its.owner == viewer, _its.shared)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInput("A view needs a name of up to 200 characters.", where="name", help="Say what it shows.")
    return name


def _period(text: str) -> str:
    return read_choice(NamedPeriod, text, "period").value if text else ""


def _missing(key: str) -> NotFound:
    return NotFound(
        f"There is no view {key!r}.",
        where="id",
        help="It was removed, or it is private: ask whoever sent the link to share it.",
    )


def _row(view: SavedView) -> dict[str, Any]:
    told = {name: value for name, value in asdict(view).items() if name != "address"}
    return {**told, "path": view.address.path, "query": view.address.query}


def _view(row: Row[Any]) -> SavedView:
    told: Mapping[str, Any] = {name: value for name, value in row._mapping.items() if name not in ("path", "query")}
    return SavedView(address=ViewAddress(row.path, tuple(parse_qsl(row.query, keep_blank_values=True))), **told)


def _told(view: SavedView | None) -> str:
    return orjson.dumps(view.as_dict()).decode() if view else ""
