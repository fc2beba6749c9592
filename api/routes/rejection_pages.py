"""The pages on which rejected items are repaired, replayed and discarded."""

from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_repair, may_see_people
from api.bootstrap import Services
from api.forms import ToldForm, text_of
from api.language import gettext as _
from api.rejections_view import like_view, read_item, reasons_view, rejection_view, repaired_item
from api.rendering import PageRoute, show
from api.viewer import Viewer
from collectors.rejections import DISCARDED, FieldError
from collectors.replay import replay, replay_like
from infra.audit import note_change

router = APIRouter(
    prefix="/sources/rejections", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_see_people)]
)
_PAGE = "sources/rejection.html"


@router.get("", response_class=HTMLResponse)
def rejections_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    like: str = "",
    after: str = "",
    accepted: int = 0,
    rejected: int = 0,
    discarded: int = 0,
    left: int = 0,
) -> Response:
    """Why items were rejected; or those that were for the same reason as the one that `like` names."""
    done = {"accepted": accepted, "rejected": rejected, "discarded": discarded, "left": left}
    if like:
        return show(request, "sources/alike.html", like_view(services, viewer, like, after) | {"done": done})
    return show(request, "sources/rejections.html", reasons_view(services, viewer) | {"done": done})


@router.get("/{key}", response_class=HTMLResponse)
def rejection_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: str) -> Response:
    """One item, its errors beside the fields."""
    return show(request, _PAGE, rejection_view(services, viewer, services.rejections.get(key)))


@router.post("/{key}", response_class=HTMLResponse, dependencies=[Depends(may_repair)])
def repair(request: Request, services: ServicesOf, viewer: ViewerOf, key: str, form: ToldForm) -> Response:
    """Replay the item as the form has it. Refused again, it is shown with what is wrong now, and stays open."""
    kept = services.rejections.get(key)
    document = text_of(form, "document")
    entered = _entered(kept.item, form, document)
    if document and entered is None:
        wrong = [FieldError("", _("This is no JSON object."))]
        return show(request, _PAGE, rejection_view(services, viewer, kept, document=document, errors=wrong), 422)
    outcome = replay(services.delivery_reader, key, repaired=entered, naive_zone=services.settings.zone)
    if outcome.rejected:
        errors = outcome.rejected[0].errors
        view = rejection_view(services, viewer, kept, entered=entered, document=document, errors=errors)
        return show(request, _PAGE, view, 422)
    _note(services, viewer, f"rejection {key}", "repaired and replayed" if entered is not None else "replayed")
    return RedirectResponse(f"/sources/rejections?like={kept.id}&accepted=1", 303)


@router.post("/{key}/discard", dependencies=[Depends(may_repair)])
def discard(services: ServicesOf, viewer: ViewerOf, key: str) -> Response:
    """Close an item that nobody wants."""
    kept = services.rejections.get(key)
    services.rejections.close(kept.id, DISCARDED)
    _note(services, viewer, f"rejection {key}", "discarded")
    return RedirectResponse(f"/sources/rejections?like={kept.id}&discarded=1", 303)


@router.post("/{key}/replay-alike", dependencies=[Depends(may_repair)])
def replay_alike(services: ServicesOf, viewer: ViewerOf, key: str) -> Response:
    """Replay what was rejected for the same reason, a thousand at a time, as it was."""
    kept = services.rejections.get(key)
    found = replay_like(services.delivery_reader, key, naive_zone=services.settings.zone)
    _note(services, viewer, f"rejections like {key}", f"{found.accepted} replayed, {found.rejected} rejected again")
    asked = f"accepted={found.accepted}&rejected={found.rejected}&left={found.left}"
    return RedirectResponse(f"/sources/rejections?like={kept.id}&{asked}", 303)


@router.post("/{key}/discard-alike", dependencies=[Depends(may_repair)])
def discard_alike(services: ServicesOf, viewer: ViewerOf, key: str) -> Response:
    """Close what was rejected for the same reason."""
    number = services.rejections.discard_like(services.rejections.get(key))
    _note(services, viewer, f"rejections like {key}", f"{number} discarded")
    return RedirectResponse(f"/sources/rejections?discarded={number}", 303)


def _entered(item: bytes, form: ToldForm, document: str) -> dict[str, Any] | None:
    """None where nothing was: the item is replayed as it was."""
    if document:
        try:
            found = orjson.loads(document)
        except orjson.JSONDecodeError:
            return None
        return found if isinstance(found, dict) else None
    names, texts = ([str(each).strip() for each in form.getlist(name)] for name in ("field", "value"))
    return repaired_item(read_item(item) or {}, names, texts) if names else None


def _note(services: Services, viewer: Viewer, what: str, after: str) -> None:
    with services.database.begin() as connection:
        note_change(connection, services.clock, who=viewer.name, what=what, after=after)
