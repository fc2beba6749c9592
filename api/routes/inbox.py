"""What waits for whoever asks; absences and their deputies."""

from typing import Any

from fastapi import APIRouter, Depends

from api.approval_bodies import ToldAbsence
from api.auth import ServicesOf, ViewerOf, may_plan, may_work
from api.inbox_view import waiting_for
from api.planning_people import person_asking, person_deciding
from api.row_ids import RowId

router = APIRouter(prefix="/api")


@router.get("/inbox", dependencies=[Depends(may_work)])
def tell_inbox(services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """What waits for me, of every kind; what is due first stands first."""
    items = [each.as_dict(services.today) for each in waiting_for(services, viewer)]
    return {"items": items, "total": len(items), "next": None}


@router.get("/delegations", dependencies=[Depends(may_plan)])
def list_delegations(services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """Absences of mine and those in which I am a deputy; all of them for whoever leads."""
    items = [each.as_dict() for each in services.delegations.all(person_asking(services, viewer))]
    return {"items": items, "total": len(items), "next": None}


@router.post("/delegations", status_code=201, dependencies=[Depends(may_plan)])
def add_delegation(services: ServicesOf, viewer: ViewerOf, told: ToldAbsence) -> dict[str, Any]:
    """Name a deputy for days of absence."""
    person = person_deciding(services, viewer)
    made = services.delegations.add(
        told.absent or person.name,
        told.deputy,
        told.first_day,
        told.last_day,
        person=person,
        today=services.today,
    )
    return made.as_dict()


@router.delete("/delegations/{key}", status_code=204, dependencies=[Depends(may_plan)])
def end_delegation(services: ServicesOf, viewer: ViewerOf, key: RowId) -> None:
    """End an absence before its last day."""
    services.delegations.end(key, person=person_deciding(services, viewer))
