"""The draft by which a plan follows money that moved between dealers."""

from collections.abc import Mapping

import numpy as np
from sqlalchemy import Connection

from infra.clock import Clock
from infra.errors import InvalidInput
from planning.editing import Cell, put_cells
from planning.grid import LineKey
from planning.lines import read_lines
from planning.media.budget import ApprovedBudget, approved_budgets
from planning.media.months import Month
from planning.media.parts import in_parts
from planning.plans import new_draft, open_draft


def amend_budgets(
    connection: Connection, month: Month, changes: Mapping[str, int], clock: Clock, *, author: str, why: str
) -> int:
    """The id of the version in which the dealers' budgets are changed: the plan's draft, or a new amendment.

    Raises `InvalidInput` where the dealers' budgets are not of one plan, and `Conflict` while a version waits.
    """
    plan, version = _plan_of(connection, month, changes)
    draft = open_draft(connection, plan)
    if draft is None:
        draft = new_draft(connection, plan, clock, author=author, why=why, based_on=version)
    cells = [
        cell
        for dealer, change in changes.items()
        if change
        for cell in _cells(connection, draft.id, month, dealer, change)
    ]
    put_cells(connection, draft.id, cells, clock, author=author, why=why, kind="reallocation")
    return draft.id


def _plan_of(connection: Connection, month: Month, changes: Mapping[str, int]) -> tuple[int, int]:
    known = approved_budgets(connection, month)
    budgets: list[ApprovedBudget] = []
    for dealer in changes:
        if dealer not in known:
            raise InvalidInput(
                f"No budget of {dealer} for {month} is approved.", where="changes", help="Have its plan approved first."
            )
        budgets.append(known[dealer])
    if len({each.plan for each in budgets}) > 1:
        names = ", ".join(sorted({each.plan_name for each in budgets}))
        raise InvalidInput(
            f"The dealers' budgets stand in different plans: {names}.",
            where="changes",
            help="Amend both plans by hand: money cannot follow by one amendment.",
        )
    return budgets[0].plan, budgets[0].version


def _cells(connection: Connection, version: int, month: Month, dealer: str, change: int) -> list[Cell]:
    """The dealer's budget lines, changed in proportion to what they have."""
    grid = read_lines(connection, version, measure="budget", dealers=[dealer])
    values = grid.values[:, month.month - 1] if len(grid.keys) else np.zeros(0, dtype=np.int64)
    if not values.any():
        _check_gives(dealer, 0, change)
        return [Cell(LineKey("budget", dealer), month.month, change)]
    _check_gives(dealer, int(values.sum()), change)
    parts = np.array(in_parts(abs(change), values.astype(float).tolist()), dtype=np.int64)
    after = values + np.sign(change) * parts
    return [Cell(key, month.month, int(value)) for key, value in zip(grid.keys, after, strict=True)]


def _check_gives(dealer: str, has: int, change: int) -> None:
    if has + change < 0:
        raise InvalidInput(
            f"The draft of the plan leaves {dealer} less than is to move away.",
            where="changes",
            help="Look at the plan's draft first: somebody has lowered the budget there.",
        )
