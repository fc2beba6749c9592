"""Keys of programs: what each may do, and which rows it sees."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from api.auth import ServicesOf, ViewerOf, may_administer
from api.row_ids import RowId
from infra.access.keys import Key
from infra.access.rights import Right

router = APIRouter(prefix="/api/keys", dependencies=[Depends(may_administer)])

Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[list[Name], Field(min_length=1)]


class NewKey(BaseModel):
    """Without dealers and contractors, every row is seen."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    scopes: list[Right]
    dealers: Names | None = None
    contractors: Names | None = None


@router.get("")
def list_keys(services: ServicesOf) -> dict[str, Any]:
    """The newest first, revoked ones too; no secrets."""
    items = [key.as_dict() for key in services.keys.all()]
    return {"items": items, "total": len(items), "next": None}


@router.post("", status_code=201)
def add_key(services: ServicesOf, viewer: ViewerOf, told: NewKey) -> dict[str, Any]:
    """`secret` is told here, and never again."""
    wanted = Key(told.name, frozenset(told.scopes), _names(told.dealers), _names(told.contractors))
    key, secret = services.keys.add(wanted, author=viewer.name)
    return {**key.as_dict(), "secret": secret}


@router.delete("/{key}")
def revoke_key(services: ServicesOf, viewer: ViewerOf, key: RowId) -> dict[str, Any]:
    """Once and for all; within five seconds every process refuses it."""
    return services.keys.revoke(key, author=viewer.name).as_dict()


def _names(told: list[str] | None) -> tuple[str, ...] | None:
    return None if told is None else tuple(told)
