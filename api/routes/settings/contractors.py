"""The pages of contractors."""

from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read
from api.contractor_settings_view import (
    CAMPAIGNS,
    FEES,
    campaign_columns,
    contractor_view,
    contractors_view,
    contractors_with,
    draft_view,
    fee_columns,
    named_contractor,
    read_draft,
)
from api.forms import ToldForm, number_of, text_of
from api.reference_tables import keep_parts
from api.rendering import PageRoute, show
from api.table_forms import is_rearranging, rearranged
from attribution.reference import newest_reference, reference_document
from infra.errors import InvalidInput

router = APIRouter(
    prefix="/settings/contractors", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read)]
)
_PAGE = "settings/contractor.html"


@router.get("", response_class=HTMLResponse)
def contractors_page(request: Request, services: ServicesOf, viewer: ViewerOf, done: str = "") -> Response:
    """The register."""
    return show(request, "settings/contractors.html", contractors_view(services, viewer, done))


@router.get("/edit", response_class=HTMLResponse)
def contractor_page(request: Request, services: ServicesOf, viewer: ViewerOf, id: str = "") -> Response:  # noqa: A002
    """One contractor; a new one where no id is told."""
    return show(request, _PAGE, contractor_view(services, viewer, id))


@router.post("/edit", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def edit_contractor(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Whatever the button says: change a table, check it, or keep the contractor."""
    key, action, based_on = text_of(form, "key"), text_of(form, "do"), number_of(form, "based_on")
    facts, campaigns, fees = read_draft(form)
    draft = (
        facts,
        rearranged(campaigns, campaign_columns(), action, CAMPAIGNS),
        rearranged(fees, fee_columns(), action, FEES),
    )
    error: InvalidInput | None = None
    if action == "keep":
        try:
            told, _ = contractors_with(reference_document(services.database), key, draft)
            keep_parts(services, {"contractors": told}, based_on=based_on, author=viewer.name)
        except InvalidInput as wrong:
            error = wrong
        else:
            return RedirectResponse(f"/settings/contractors?{urlencode({'done': 'kept'})}", 303)
    checked = not is_rearranging(action)
    view = draft_view(services, viewer, key, draft, based_on=based_on, error=error, checked=checked)
    return show(request, _PAGE, view, 422 if error else 200)


@router.post("/remove", dependencies=[Depends(may_change_rules)])
def remove_contractor(services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Its campaigns are nobody's from the next run on."""
    known = reference_document(services.database)
    gone = named_contractor(known, text_of(form, "key"))
    kept = [each.model_dump(mode="json", by_alias=True) for each in known.contractors if each is not gone]
    keep_parts(services, {"contractors": kept}, based_on=newest_reference(services.database), author=viewer.name)
    return RedirectResponse("/settings/contractors?done=removed", 303)
