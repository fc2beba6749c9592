"""Co-op funds: programmes, purchases, balances, and the ledger."""

import io
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read_of_dealers
from api.bootstrap import Services
from api.exports import ExportFormat
from api.routes.collect import read_body
from api.row_ids import LARGEST_ID, RowId
from api.viewer import Viewer
from collectors.formats import HEAD_BYTES, format_of, read_items
from collectors.mapping import Mapping
from infra.errors import UnreadableBody
from planning.funds.balances import Balance, balances
from planning.funds.dealers import fund_dealer
from planning.funds.documents import CurrencyOrNone, ProgrammeTold, PurchaseTold, QuarterText
from planning.funds.ledger import entries_of, of_activity, of_dealer, of_programme, seen_by
from planning.funds.programme_register import add_programme, change_programme, find_programme, list_programmes
from planning.funds.purchases import adjust_fund, enter_purchases, list_purchases, read_purchases
from planning.funds.quarters import read_quarter
from planning.funds.reports import ageing_report, balance_report
from planning.funds.waiting import waiting

router = APIRouter(prefix="/api/funds", dependencies=[Depends(may_read_of_dealers)])
Form = Annotated[ExportFormat, Query(alias="format")]
OfProgramme = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]
OfDealer = Annotated[str, Query(max_length=200)]


class ChangedProgramme(ProgrammeTold):
    """All of the programme, and the `revision` of it that was changed."""

    revision: Annotated[int, Field(ge=1, le=LARGEST_ID - 1)]


class Adjustment(BaseModel):
    """What the payer adds to a dealer's fund, or takes from it where `amount` is below 0."""

    model_config = ConfigDict(extra="forbid")

    dealer: Annotated[str, Field(max_length=200)]
    quarter: QuarterText
    amount: Annotated[Decimal, Field(ge=-(10**12), le=10**12)]
    currency: CurrencyOrNone = ""
    why: Annotated[str, Field(max_length=2000)]


@router.get("/programmes")
def list_fund_programmes(services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """Open ones first; of their rules those that are of no dealer, or of one that the viewer sees."""
    with services.database.connect() as connection:
        items = [each.as_dict(viewer.seen) for each in list_programmes(connection)]
    return {"items": items, "total": len(items), "next": None}


@router.post("/programmes", status_code=201, dependencies=[Depends(may_change_rules)])
def add_fund_programme(services: ServicesOf, viewer: ViewerOf, told: ProgrammeTold) -> dict[str, Any]:
    """Dealers earn at once what its rules give for quarters that have begun."""
    return add_programme(services.desk, told, author=viewer.name).as_dict()


@router.get("/programmes/{key}")
def tell_fund_programme(services: ServicesOf, viewer: ViewerOf, key: RowId) -> dict[str, Any]:
    with services.database.connect() as connection:
        return find_programme(connection, key).as_dict(viewer.seen)


@router.put("/programmes/{key}", dependencies=[Depends(may_change_rules)])
def change_fund_programme(services: ServicesOf, viewer: ViewerOf, key: RowId, told: ChangedProgramme) -> dict[str, Any]:
    """What dealers have earned follows the rules. 409 where somebody else has changed it meanwhile."""
    programme = ProgrammeTold.model_validate(told.model_dump(exclude={"revision"}))
    desk = services.desk
    return change_programme(desk, key, programme, based_on=told.revision, author=viewer.name).as_dict()


@router.get("/programmes/{key}/purchases")
def list_fund_purchases(services: ServicesOf, viewer: ViewerOf, key: RowId) -> dict[str, Any]:
    with services.database.connect() as connection:
        find_programme(connection, key)
        items = [each.as_dict() for each in list_purchases(connection, key, viewer.seen)]
    return {"items": items, "total": len(items), "next": None}


@router.post("/programmes/{key}/purchases", dependencies=[Depends(may_change_rules)])
async def take_fund_purchases(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId) -> dict[str, int]:
    """What dealers bought, as CSV, JSON, NDJSON or XLSX: all rows, or none; what they earn follows."""
    body = await read_body(request, services.environment.max_body_mb * 1024**2)
    told = await run_in_threadpool(purchases_in, body, request.headers.get("content-type", ""))
    changed = await run_in_threadpool(enter_purchases, services.desk, key, told, author=viewer.name)
    return {"accepted": len(told), "changed": changed}


def purchases_in(body: bytes, content_type: str) -> list[PurchaseTold]:
    """Raises `UnreadableBody`, and `InvalidInput` with the row that cannot be read."""
    if not body.strip():
        raise UnreadableBody(
            "The body is empty.", where="body", help="Send rows with the columns dealer, quarter and amount."
        )
    return read_purchases(read_items(io.BytesIO(body), format_of(content_type, body[:HEAD_BYTES]), Mapping()))


@router.post("/programmes/{key}/adjustments", status_code=201, dependencies=[Depends(may_change_rules)])
def adjust_dealers_fund(services: ServicesOf, viewer: ViewerOf, key: RowId, told: Adjustment) -> dict[str, Any]:
    """Add to a dealer's fund, or take from it, with the reason; what the quarter's money comes to then."""
    quarter, desk = read_quarter(told.quarter), services.desk
    adjust_fund(desk, key, told.dealer, quarter, told.amount, told.why, author=viewer.name, currency=told.currency)
    found = _balances(services, viewer, key, told.dealer)
    return {"items": balance_report(found).items(), "total": len(found), "next": None}


@router.get("/balances")
def tell_fund_balances(
    services: ServicesOf,
    viewer: ViewerOf,
    programme: OfProgramme = None,
    dealer: OfDealer = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """What dealers have earned, reserved, settled, lost and left, by programme and dealer."""
    found = _balances(services, viewer, programme, dealer)
    return answered(balance_report(found), form, services.settings)


@router.get("/ageing")
def tell_fund_ageing(
    services: ServicesOf,
    viewer: ViewerOf,
    programme: OfProgramme = None,
    dealer: OfDealer = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """How old unspent money is, how long claims have been waiting, and what expires next."""
    found = _balances(services, viewer, programme, dealer)
    return answered(ageing_report(found), form, services.settings)


@router.get("/entries")
def list_fund_entries(
    services: ServicesOf,
    viewer: ViewerOf,
    programme: OfProgramme = None,
    dealer: OfDealer = "",
    activity: OfProgramme = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    next: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,  # noqa: A002
) -> dict[str, Any]:
    """Rows of the ledger, the newest first: each moves an amount from one account to another."""
    where = [
        *seen_by(viewer.seen),
        *([of_programme(programme)] if programme else []),
        *([of_dealer(dealer)] if dealer else []),
        *([of_activity(activity)] if activity else []),
    ]
    with services.database.connect() as connection:
        found, total = entries_of(connection, *where, most=limit, before=next)
    behind = found[-1].id if len(found) == limit else None
    return {"items": [each.as_dict() for each in found], "total": total, "next": behind}


@router.get("/waiting")
def list_fund_waiting(services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """What waits for the dealers that the viewer sees, and for their payer; what is due first comes first."""
    desk = services.desk
    with desk.engine.connect() as connection:
        items = [each.as_dict() for each in waiting(connection, desk, viewer.seen)]
    return {"items": items, "total": len(items), "next": None}


def _balances(services: Services, viewer: Viewer, programme: int | None, dealer: str) -> list[Balance]:
    """Raises `NotFound` for a programme or a dealer that there is not."""
    desk = services.desk
    with desk.engine.connect() as connection:
        if programme:
            find_programme(connection, programme)
        if dealer:
            fund_dealer(connection, dealer, viewer.seen)
        found = balances(connection, desk, viewer.seen, programme)
    return [each for each in found if dealer in ("", each.dealer.id)]
