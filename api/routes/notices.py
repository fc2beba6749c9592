"""Notices of anomalies: listed, and acknowledged by somebody."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read_own
from api.row_ids import RowId
from attribution.anomalies.notices import Notice, NoticeState
from infra.errors import InvalidInput

router = APIRouter(prefix="/api/notices", dependencies=[Depends(may_read_own)])


@router.get("")
def list_notices(services: ServicesOf, viewer: ViewerOf, state: str = "open,acknowledged") -> dict[str, Any]:
    """The most urgent first."""
    items = [notice_document(each) for each in services.notices.all(read_states(state), seen=viewer.seen)]
    return {"items": items, "total": len(items), "next": None}


@router.post("/{key}/acknowledge", dependencies=[Depends(may_change_rules)])
def acknowledge(
    services: ServicesOf, viewer: ViewerOf, key: RowId, who: Annotated[str, Body(embed=True, max_length=200)] = ""
) -> dict[str, Any]:
    """Somebody looks after it."""
    return notice_document(services.notices.acknowledge(key, who=who or viewer.name, seen=viewer.seen))


def read_states(text: str) -> list[str]:
    """States with commas. Raises `InvalidInput`."""
    states = [word.strip() for word in text.split(",") if word.strip()]
    if unknown := set(states) - set(NoticeState):
        raise InvalidInput(
            f"There is no state {min(unknown)!r}.",
            where="state",
            help=f"Choose of {', '.join(NoticeState)}, with commas.",
        )
    return states


def notice_document(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "kind": notice.kind,
        "subject_kind": notice.subject_kind,
        "subject": notice.subject,
        "since": notice.since.isoformat(),
        "raised_at": notice.raised_at.isoformat(),
        "seen_on": notice.seen_on.isoformat(),
        "severity": notice.severity,
        "observed": notice.observed,
        "expected": notice.expected,
        "money": None if notice.money is None else float(notice.money),
        "text": notice.text,
        "cause": notice.cause,
        "state": notice.state,
        "acknowledged_at": notice.acknowledged_at.isoformat() if notice.acknowledged_at else None,
        "acknowledged_by": notice.acknowledged_by,
        "ended_at": notice.ended_at.isoformat() if notice.ended_at else None,
    }
