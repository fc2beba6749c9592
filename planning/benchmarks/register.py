"""Figures of competitors, and others, that users enter beside those that ship."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from infra.audit import note_change
from infra.clock import Clock
from infra.currency import known_currency
from infra.errors import Conflict, InvalidInput, NotFound
from planning.benchmarks.figures import AMOUNTS, FIGURES, SHARES, Benchmark, BusinessModel, ToldFigure
from planning.benchmarks.tables import benchmark_figures

_DATED = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_MOST_UNITS = 10**15


def known_figures(engine: Engine) -> list[Benchmark]:
    """In the order in which they were entered."""
    with engine.connect() as connection:
        rows = connection.execute(select(benchmark_figures).order_by(benchmark_figures.c.id))
        return [_benchmark(row) for row in rows]


def find_figure(connection: Connection, key: int) -> Benchmark:
    """Raises `NotFound`."""
    row = connection.execute(select(benchmark_figures).where(benchmark_figures.c.id == key)).one_or_none()
    if row is None:
        raise NotFound(f"There is no figure {key}.", where="key", help="The page of benchmarks lists all of them.")
    return _benchmark(row)


def add_figure(engine: Engine, clock: Clock, told: ToldFigure, today: date, *, author: str) -> Benchmark:
    """Raises `InvalidInput`."""
    checked = check_figure(told, today)
    with engine.begin() as connection:
        key = (connection.scalar(select(func.max(benchmark_figures.c.id))) or 0) + 1
        connection.execute(insert(benchmark_figures).values(id=key, revision=1, **_row(checked, clock, author)))
        found = find_figure(connection, key)
        note_change(connection, clock, who=author, what=f"benchmark {key}", after=_text(found))
    return found


def change_figure(
    engine: Engine, clock: Clock, key: int, told: ToldFigure, today: date, *, based_on: int, author: str
) -> Benchmark:
    """Raises `InvalidInput`, `NotFound`, and `Conflict` where it was changed since that revision."""
    checked, its = check_figure(told, today), benchmark_figures.c
    with engine.begin() as connection:
        before = find_figure(connection, key)
        change = update(benchmark_figures).where(its.id == key, its.revision == based_on)
        values = _row(checked, clock, author) | {"revision": based_on + 1}
        if connection.execute(change.values(**values)).rowcount == 0:
            raise _overtaken(before)
        found = find_figure(connection, key)
        what = f"benchmark {key}"
        note_change(connection, clock, who=author, what=what, before=_text(before), after=_text(found))
    return found


def remove_figure(engine: Engine, clock: Clock, key: int, *, based_on: int, author: str) -> None:
    """Raises `NotFound`, and `Conflict`."""
    its = benchmark_figures.c
    with engine.begin() as connection:
        before = find_figure(connection, key)
        gone = connection.execute(delete(benchmark_figures).where(its.id == key, its.revision == based_on))
        if gone.rowcount == 0:
            raise _overtaken(before)
        note_change(connection, clock, who=author, what=f"benchmark {key}", before=_text(before))


def check_figure(told: ToldFigure, today: date) -> ToldFigure:
    """With its currency in capitals. Raises `InvalidInput`."""
    for name in ("who", "source"):
        if not getattr(told, name).strip():
            raise InvalidInput(
                f"The figure's {name} is missing.", where=name, help="A figure counts only with whose and whence it is."
            )
    if not _DATED.fullmatch(told.dated) or told.dated > today.isoformat():
        raise InvalidInput(
            f"{told.dated!r} is no date of the figure.",
            where="dated",
            help="Write a year, month or day up to today.",
        )
    if told.figure in SHARES:
        return _checked_share(told)
    if told.figure in AMOUNTS:
        return _checked_amount(told)
    raise InvalidInput(
        f"There is no figure {told.figure!r}.", where="figure", help=f"Choose one of {', '.join(FIGURES)}."
    )


def _checked_share(told: ToldFigure) -> ToldFigure:
    if told.model is BusinessModel.ALL:
        raise InvalidInput(
            "A stage of a funnel is of one business model.",
            where="model",
            help="Say new or used, and how asked.",
        )
    if told.share is None or not 0 <= told.share <= 1:
        raise InvalidInput(f"{told.figure} is no share.", where="share", help="Write it between 0 and 1: 0.6 is 60 %.")
    return replace(told, amount=None, amount_to=None, currency="")


def _checked_amount(told: ToldFigure) -> ToldFigure:
    if told.amount is None or abs(told.amount) > _MOST_UNITS:
        raise InvalidInput(f"{told.figure} is an amount.", where="amount", help="Write the money of one car, as 1840.")
    if told.amount_to is not None and not told.amount <= told.amount_to <= _MOST_UNITS:
        raise InvalidInput("The range ends before it begins.", where="amount_to", help="Write the smaller one first.")
    try:
        code = known_currency(told.currency)
    except ValueError as error:
        raise InvalidInput(
            f"The currency is not known: {error}.", where="currency", help="Write the currency of the amount."
        ) from None
    return replace(told, model=BusinessModel.ALL, share=None, currency=code)


def _overtaken(before: Benchmark) -> Conflict:
    return Conflict(
        f"{before.changed_by} has changed this figure meanwhile.",
        where="based_on",
        help="Load the page again, and change what is there now.",
    )


def _row(told: ToldFigure, clock: Clock, author: str) -> dict[str, Any]:
    found = {name: getattr(told, name) for name in told.__slots__} | {"model": told.model.value}
    return found | {"changed_at": clock.now(), "changed_by": author}


def _benchmark(row: Any) -> Benchmark:
    told = {name: getattr(row, name) for name in ToldFigure.__slots__} | {"model": BusinessModel(row.model)}
    return Benchmark(ToldFigure(**told), row.id, row.revision, row.changed_by)


def _text(figure: Benchmark) -> str:
    return orjson.dumps(figure.as_dict()).decode()
