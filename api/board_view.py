"""What the board of a plan shows: who is late, dealer by dealer and stage by stage."""

from dataclasses import dataclass
from typing import Any

from api.approval_words import decided_words, due_words, state_words
from api.bootstrap import Services
from api.plan_view import state_names
from api.planning_people import person_asking
from api.viewer import Viewer
from infra.access.rights import Right
from planning.approval.approvals import Approval
from planning.approval.board import Board, BoardRow, board_of
from planning.approval.delegations import actor_of
from planning.approval.states import ApprovalState
from planning.dimensions import known_network
from planning.plans import State


@dataclass(frozen=True, slots=True)
class BoardAsked:
    """`stage` is the id of a stage; `late` asks for those that are late only."""

    brand: str = ""
    stage: str = ""
    late: bool = False


def board_view(services: Services, viewer: Viewer, plan: int, asked: BoardAsked) -> dict[str, Any]:
    """Raises `NotFound`."""
    person = person_asking(services, viewer)
    today = services.today
    with services.database.connect() as connection:
        network = known_network(connection)
        actor = actor_of(connection, person, network, today)
        board = board_of(connection, plan, network, actor, today)
    versions = services.plans.versions(plan)
    draft = versions[0] if versions[0].is_open else None
    shown = [place for place, stage in enumerate(board.stages) if asked.stage in ("", stage.id)]
    under_way = board.version is not None and board.version.state is State.SUBMITTED
    may_plan = viewer.may(Right.PLANS)
    return {
        "plan": board.plan,
        "board": board,
        "asked": asked,
        "version": board.version,
        "state": state_names()[board.version.state] if board.version else "",
        "stages": [board.stages[place] for place in shown],
        "rows": [_row(board, row, shown) for row in board.rows if _fits(board, row, shown, asked)],
        "brands": list(dict.fromkeys(row.dealer.brand for row in board.rows if row.dealer.brand)),
        "total": len(board.approvals),
        "done_count": board.done,
        "share": round(100 * board.done / max(len(board.approvals), 1), 1),
        "late": len(board.late),
        "returned": board.returned if under_way else (),
        "returned_words": [(each, decided_words(each)) for each in board.returned],
        "draft": draft,
        "may_submit": may_plan and draft is not None and viewer.seen.is_everything,
        "may_withdraw": may_plan and under_way and _may_withdraw(board, person.name, leads=person.leads),
        "may_rework": may_plan and under_way and viewer.session is not None and person.leads,
        "may_redraft": may_plan and draft is None and _came_back(board) and versions[0] == board.version,
    }


def _may_withdraw(board: Board, name: str, *, leads: bool) -> bool:
    return board.version is not None and (leads or board.version.submitted_by == name)


def _came_back(board: Board) -> bool:
    return board.version is not None and board.version.state in (State.RETURNED, State.WITHDRAWN)


def _fits(board: Board, row: BoardRow, shown: list[int], asked: BoardAsked) -> bool:
    if asked.brand and row.dealer.brand != asked.brand:
        return False
    cells = [row.cells[place] for place in shown]
    if asked.late:
        return any(cell.days_late(board.today) for cell in cells if cell)
    return any(cells)


def _row(board: Board, row: BoardRow, shown: list[int]) -> dict[str, Any]:
    return {"dealer": row.dealer, "cells": [_cell(board, row.cells[place]) for place in shown]}


def _cell(board: Board, approval: Approval | None) -> dict[str, Any] | None:
    if approval is None:
        return None
    late = approval.days_late(board.today)
    return {
        "link": f"/plans/approvals/{approval.id}",
        "mark": "late" if late else approval.state.value,
        "state": state_words()[approval.state],
        "said": due_words(approval, board.today) or decided_words(approval),
        "is_open": approval.state is ApprovalState.OPEN,
    }
