"""Saved views, and when they are mailed."""

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from api.auth import ServicesOf, ViewerOf, may_read_own
from api.bootstrap import Services
from api.views.guard import check_may_send
from api.views.moments import EVERY_WORKDAY, Rhythm
from api.views.schedules import Schedule

router = APIRouter(prefix="/api", dependencies=[Depends(may_read_own)])


class NewView(BaseModel):
    """`address` is that of a page without the server's name: `/channels?by=dealer`."""

    model_config = ConfigDict(extra="forbid")

    name: str
    address: str
    period: str = ""
    shared: bool = False


class ChangedView(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    address: str | None = None
    period: str | None = None
    shared: bool | None = None


class NewSchedule(BaseModel):
    """On `weekdays`, 1 is Monday, or once a month on `month_day`; without either, Monday to Friday."""

    model_config = ConfigDict(extra="forbid")

    view: str
    recipients: list[str]
    form: str = "xlsx"
    weekdays: list[int] = []
    month_day: int | None = None
    hour: int = 9
    paused: bool = False
    language: str = ""


class ChangedSchedule(BaseModel):
    """What is left out stays; `weekdays` and `month_day` take each other's place."""

    model_config = ConfigDict(extra="forbid")

    view: str | None = None
    recipients: list[str] | None = None
    form: str | None = None
    weekdays: list[int] | None = None
    month_day: int | None = None
    hour: int | None = None
    paused: bool | None = None
    language: str | None = None


@router.get("/views")
def list_views(services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """One's own, and those that others share."""
    items = [each.as_dict() for each in services.saved_views.list(viewer.name)]
    return {"items": items, "total": len(items), "next": None}


@router.post("/views", status_code=201)
def save_view(services: ServicesOf, viewer: ViewerOf, told: NewView) -> dict[str, Any]:
    saved = services.saved_views.save(
        told.name, told.address, viewer=viewer.name, period=told.period, shared=told.shared
    )
    return saved.as_dict()


@router.patch("/views/{key}")
def change_view(services: ServicesOf, viewer: ViewerOf, key: str, told: ChangedView) -> dict[str, Any]:
    """Rename a view of one's own, share it, or let it show something else."""
    return services.saved_views.change(key, viewer=viewer.name, **told.model_dump()).as_dict()


@router.delete("/views/{key}", status_code=204)
def remove_view(services: ServicesOf, viewer: ViewerOf, key: str) -> None:
    services.saved_views.remove(key, viewer=viewer.name)


@router.get("/schedules")
def list_schedules(services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """One's own, each with its newest mails: what went out, what waits, and what failed."""
    items = [_told(services, each) for each in services.schedules.list(viewer.name)]
    return {"items": items, "total": len(items), "next": None}


@router.post("/schedules", status_code=201)
def add_schedule(services: ServicesOf, viewer: ViewerOf, told: NewSchedule) -> dict[str, Any]:
    weekdays = tuple(told.weekdays) if told.weekdays or told.month_day else EVERY_WORKDAY
    rhythm = Rhythm(weekdays, told.month_day or 0, told.hour)
    check_may_send(services, viewer, told.view)
    added = services.schedules.add(
        told.view,
        told.form,
        rhythm,
        told.recipients,
        viewer=viewer.name,
        paused=told.paused,
        language=told.language,
    )
    return _told(services, added)


@router.patch("/schedules/{key}")
def change_schedule(services: ServicesOf, viewer: ViewerOf, key: str, told: ChangedSchedule) -> dict[str, Any]:
    if told.view is not None:
        check_may_send(services, viewer, told.view)
    changed = services.schedules.change(
        key,
        viewer=viewer.name,
        view=told.view,
        form=told.form,
        rhythm=_changed(services.schedules.get(key, viewer.name).rhythm, told),
        recipients=told.recipients,
        paused=told.paused,
        language=told.language,
    )
    return _told(services, changed)


@router.delete("/schedules/{key}", status_code=204)
def remove_schedule(services: ServicesOf, viewer: ViewerOf, key: str) -> None:
    services.schedules.remove(key, viewer=viewer.name)


@router.post("/schedules/{key}/send", status_code=202)
def send_now(services: ServicesOf, viewer: ViewerOf, key: str) -> dict[str, Any]:
    """Send it once, beside its days; asked for again within the same minute, it is still sent once."""
    return services.mail_ledger.ask(services.schedules.get(key, viewer.name)).as_dict()


def _told(services: Services, schedule: Schedule) -> dict[str, Any]:
    mails = [each.as_dict() for each in services.mail_ledger.newest([schedule.id])]
    return {**schedule.as_dict(services.settings.zone, services.clock.now()), "mails": mails}


def _changed(before: Rhythm, told: ChangedSchedule) -> Rhythm:
    hour = before.hour if told.hour is None else told.hour
    if told.weekdays is None and told.month_day is None:
        return Rhythm(before.weekdays, before.month_day, hour)
    return Rhythm(tuple(told.weekdays or ()), told.month_day or 0, hour)
