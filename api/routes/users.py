"""Users: who may come in, with which role, and which dealers, brands or contractors are theirs."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, ConfigDict, Field

from api.administering import change_user, set_password
from api.auth import ServicesOf, ViewerOf, may_administer
from api.row_ids import RowId
from infra.access.rights import UserRole
from infra.access.users import User

router = APIRouter(prefix="/api/users", dependencies=[Depends(may_administer)])

Name = Annotated[str, Field(max_length=200)]
_LIMITS = ("dealers", "contractors", "brands")


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewUser(_Told):
    email: Name
    role: UserRole
    name: Name = ""
    dealers: list[Name] = []
    contractors: list[Name] = []
    brands: list[Name] = []
    language: Annotated[str, Field(max_length=10)] = ""
    password: Annotated[str, Field(max_length=1000)] = ""


class ChangedUser(_Told):
    """What is not told stays."""

    email: Name | None = None
    role: UserRole | None = None
    name: Name | None = None
    dealers: list[Name] | None = None
    contractors: list[Name] | None = None
    brands: list[Name] | None = None
    language: Annotated[str, Field(max_length=10)] | None = None
    is_active: bool | None = None


@router.get("")
def list_users(services: ServicesOf) -> dict[str, Any]:
    """By e-mail, those who may not come in any more, too."""
    items = [user.as_dict() for user in services.users.all()]
    return {"items": items, "total": len(items), "next": None}


@router.post("", status_code=201)
def add_user(services: ServicesOf, viewer: ViewerOf, told: NewUser) -> dict[str, Any]:
    """Without a password, one comes in by single sign-on alone."""
    values = told.model_dump(exclude={"password", *_LIMITS})
    user = User(**values, dealers=tuple(told.dealers), contractors=tuple(told.contractors), brands=tuple(told.brands))
    return services.users.add(user, told.password, author=viewer.name).as_dict()


@router.patch("/{key}")
def change(services: ServicesOf, viewer: ViewerOf, key: RowId, told: ChangedUser) -> dict[str, Any]:
    """A user who is no longer active is signed out at once."""
    values = {name: value for name, value in told.model_dump().items() if value is not None}
    for name in _LIMITS:
        if name in values:
            values[name] = tuple(values[name])
    return change_user(services, viewer, replace(services.users.get(key), **values)).as_dict()


@router.put("/{key}/password", status_code=204)
def put_password(
    services: ServicesOf,
    viewer: ViewerOf,
    key: RowId,
    password: Annotated[str, Body(embed=True, max_length=1000)],
) -> None:
    """Every session of the user ends."""
    set_password(services, viewer, key, password)
