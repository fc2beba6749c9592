"""Splits of a draft as they are kept: lines, the target on the top, and what the lines below differ from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, insert, select

from attribution.visibility import EVERYTHING, Visibility
from infra.audit import note_change
from infra.clock import Clock
from infra.database import insert_or_meet
from infra.errors import Conflict, InvalidInput
from planning.dimensions import Network, known_network
from planning.directions import directions_in
from planning.editing import Cell, Edited, check_cells, with_cells
from planning.grid import Flags, Grid
from planning.lines import changed_cells, read_lines, write_lines
from planning.plans import Plan, hold_draft, note_edit, plan_with
from planning.splitting import Basis, Split, keep_whole, open_cells, split_lines
from planning.tables import capacities, plan_edits, plan_targets

WHOLE_YEAR = 0
"""The month of a target that is of all months together."""


@dataclass(frozen=True, slots=True)
class Target:
    """What was shared out from a place of the tree, and what the lines below it say now; in smallest units."""

    measure: str
    holding: str
    brand: str
    dealer: str
    direction: str
    month: int
    value: int
    below: int

    @property
    def difference(self) -> int:
        return self.below - self.value


class Sharer:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def split(
        self,
        version: int,
        splits: Sequence[Split],
        basis: Basis,
        *,
        author: str,
        why: str = "",
        based_on: int | None = None,
        seen: Visibility = EVERYTHING,
    ) -> Edited:
        """Share them out one after the other, as one edit, and note their totals as targets.

        They are of one measure. `based_on` is the version's newest edit that the author saw.
        Raises `InvalidInput`, `NotFound`, and `Conflict` where the version was changed since.
        """
        with self._engine.begin() as connection:
            held = hold_draft(connection, version)
            plan = plan_with(connection, held.plan)
            for split in splits:
                self._check(connection, plan, split)
            if based_on is not None and held.newest_edit > based_on:
                _check_unchanged(connection, version, based_on)
            before = after = read_lines(connection, version, measure=splits[0].measure)
            network = known_network(connection, seen)
            for split in splits:
                after = split_lines(split, after, network, plan.year, basis)
            told = [
                {"measure": each.measure, "method": each.method.value, "totals": list(each.totals)} for each in splits
            ]
            edit = note_edit(connection, version, "split", self._clock, author=author, why=why, told=told)
            lines = write_lines(connection, version, edit, before, after)
            for split in splits:
                if seen.is_everything or split.dealer:
                    _keep_targets(connection, version, edit, split, plan)
            return Edited(edit, lines)

    def put_keeping(
        self,
        version: int,
        cell: Cell,
        keep: str,
        *,
        author: str,
        why: str = "",
        seen: Visibility = EVERYTHING,
    ) -> Edited:
        """Change one cell, and let others give or take the difference: `year` the line's other months, `month` the

        other lines of its month, measure, direction and channel that are seen. Raises as `split` does.
        """
        with self._engine.begin() as connection:
            held = hold_draft(connection, version)
            plan, network = plan_with(connection, held.plan), known_network(connection, seen)
            check_cells(connection, plan, [cell], network)
            before = read_lines(connection, version, measure=cell.key.measure, seen=seen)
            changed = with_cells(before, [cell])
            group = _group(changed, cell, keep, plan)
            free = group & ~changed.locked & open_cells(changed, network, plan.year)
            free[changed.places[cell.key], cell.month - 1] = False
            after = keep_whole(before, changed, group, free)
            if not changed_cells(before, after).any():
                return Edited(0, 0)
            told = {"keep": keep}
            edit = note_edit(connection, version, "cells", self._clock, author=author, why=why, told=told)
            return Edited(edit, write_lines(connection, version, edit, before, after))

    def _check(self, connection: Connection, plan: Plan, split: Split) -> None:
        known = {each.id for each in directions_in(connection)} | {""}
        for direction in (split.direction, *split.directions):
            if direction not in known:
                raise InvalidInput(
                    f"There is no direction {direction!r}.",
                    where="direction",
                    help=f"Choose one of {', '.join(sorted(known - {''}))}.",
                )
        if not set(split.months) <= set(plan.months):
            raise InvalidInput(
                f"This plan has no month {min(set(split.months) - set(plan.months))}.",
                where="months",
                help=f"It is of month {plan.month}." if plan.month else "Months are 1 to 12.",
            )


def targets_of(
    connection: Connection, version: int, network: Network, lines: Grid, *, seen: Visibility = EVERYTHING
) -> list[Target]:
    """The newest first, with what `lines` add up to below them; whoever sees some dealers sees only these dealers'."""
    its = plan_targets.c
    rows = connection.execute(select(plan_targets).where(its.version == version).order_by(its.edit.desc(), its.month))
    found = []
    for row in rows:
        if not (seen.is_everything or row.dealer in network.by_id):
            continue
        below = _below(row, network, lines)
        place = row.measure, row.holding, row.brand, row.dealer, row.direction, row.month, row.value
        found.append(Target(*place, below=below))
    return found


def _below(row: Any, network: Network, lines: Grid) -> int:
    dealers = {
        each.id
        for each in network.dealers
        if row.holding in ("", each.holding) and row.brand in ("", each.brand) and row.dealer in ("", each.id)
    }
    inside = np.array(
        [
            key.measure == row.measure and key.dealer in dealers and row.direction in ("", key.direction)
            for key in lines.keys
        ],
        dtype=np.bool_,
    )
    values = lines.values[inside]
    return int(values.sum() if row.month == WHOLE_YEAR else values[:, row.month - 1].sum())


def known_capacities(connection: Connection) -> dict[tuple[str, str], int]:
    """Units a month by dealer and direction."""
    return {(row.dealer, row.direction): row.units for row in connection.execute(select(capacities))}


def keep_capacities(connection: Connection, told: Mapping[tuple[str, str], int]) -> None:
    """Put these in the place of those that are there. Raises `InvalidInput`, and `NotFound` for a dealer."""
    network, known = known_network(connection), {each.id for each in directions_in(connection)}
    for (dealer, direction), units in told.items():
        network.dealer(dealer)
        if direction not in known:
            raise InvalidInput(
                f"There is no direction {direction!r}.",
                where="direction",
                help=f"Choose one of {', '.join(sorted(known))}.",
            )
        if units < 0:
            raise InvalidInput("A capacity is not negative.", where="units", help="Write 0 or more.")
    connection.execute(capacities.delete())
    rows = [{"dealer": dealer, "direction": name, "units": units} for (dealer, name), units in told.items()]
    if rows:
        connection.execute(insert(capacities), rows)


def replace_capacities(engine: Engine, clock: Clock, told: Mapping[tuple[str, str], int], *, author: str) -> None:
    """As `keep_capacities`, noted in the audit log."""
    with engine.begin() as connection:
        before = known_capacities(connection)
        keep_capacities(connection, told)
        note_change(connection, clock, who=author, what="capacities", before=_in_words(before), after=_in_words(told))


def _in_words(known: Mapping[tuple[str, str], int]) -> str:
    return "; ".join(f"{dealer} {direction}: {units}" for (dealer, direction), units in sorted(known.items()))


def _keep_targets(connection: Connection, version: int, edit: int, split: Split, plan: Plan) -> None:
    """A total of all the plan's months is a target of the year; others are of their months."""
    place = {
        "version": version,
        "measure": split.measure,
        "holding": split.holding,
        "brand": split.brand,
        "dealer": split.dealer,
        "direction": split.direction,
        "edit": edit,
    }
    if split.channel:
        return
    if len(split.totals) == len(split.months):
        rows = [
            {**place, "month": month, "value": value} for month, value in zip(split.months, split.totals, strict=True)
        ]
    elif split.months == plan.months:
        rows = [{**place, "month": WHOLE_YEAR, "value": split.totals[0]}]
    else:
        return
    statement = insert_or_meet(connection, plan_targets)
    key = [column.name for column in plan_targets.primary_key]
    told = {name: statement.excluded[name] for name in ("value", "edit")}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=told), rows)


def _check_unchanged(connection: Connection, version: int, based_on: int) -> None:
    its = plan_edits.c
    newest = connection.execute(
        select(its.author).where(its.version == version, its.id > based_on).order_by(its.id.desc()).limit(1)
    ).one_or_none()
    if newest is not None:
        raise Conflict(
            f"{newest.author} has changed this version meanwhile.",
            where="version",
            help="Load it again, look at what is new, and share out then.",
        )


def _group(grid: Grid, cell: Cell, keep: str, plan: Plan) -> Flags:
    """The cells that are to add up to what they did."""
    group = np.zeros(grid.values.shape, dtype=np.bool_)
    months = [month - 1 for month in plan.months]
    if keep == "year":
        group[grid.places[cell.key], months] = True
    elif keep == "month":
        alike = [(key.direction, key.channel) == (cell.key.direction, cell.key.channel) for key in grid.keys]
        group[np.array(alike, dtype=np.bool_), cell.month - 1] = True
    else:
        raise InvalidInput(
            f"There is no way to keep {keep!r}.", where="keep", help="Keep the year, the month, or nothing."
        )
    return group
