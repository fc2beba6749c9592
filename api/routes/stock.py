"""Stock: what is there and on its way, and what is to be ordered by when."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, UploadFile
from fastapi.responses import Response
from pydantic import Field

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_change_rules, may_plan, may_read_of_dealers
from api.exports import ExportFormat
from api.plan_bodies import Name, Told
from api.plan_files import PlanFormat
from api.questions import read_names
from api.stock_view import stock_answer, stock_file, stock_names
from planning.media.months import read_month
from planning.stock.files import read_stock
from planning.stock.levels import MOST_LEVELS, MOST_UNITS, ToldLevel, keep_levels, known_levels
from planning.stock.report import StockQuestion
from planning.stock.terms import Terms, keep_terms, known_terms

router = APIRouter(prefix="/api", dependencies=[Depends(may_read_of_dealers)])
Units = Annotated[int, Field(strict=True, ge=0, le=MOST_UNITS)]


class ToldTransit(Told):
    """Units that arrive in a month, such as 2027-03."""

    month: Annotated[str, Field(max_length=7)]
    units: Units


class ToldStock(Told):
    """A dealer's model. `in_stock` null takes it out; without `transit`, what is on its way stays as it is."""

    dealer: Name
    model: Annotated[str, Field(min_length=1, max_length=200)]
    in_stock: Units | None
    transit: Annotated[list[ToldTransit], Field(max_length=60)] | None = None
    counted_on: date | None = None
    based_on: Annotated[int, Field(strict=True, ge=0)] | None = None

    def level(self) -> ToldLevel:
        """Units of one month add up. Raises `InvalidInput`."""
        if self.transit is None:
            return ToldLevel(self.dealer, self.model, self.in_stock, None, self.counted_on, self.based_on)
        transit = {read_month(each.month): 0 for each in self.transit}
        for each in self.transit:
            transit[read_month(each.month)] += each.units
        return ToldLevel(self.dealer, self.model, self.in_stock, transit, self.counted_on, self.based_on)


class ToldStocks(Told):
    items: Annotated[list[ToldStock], Field(min_length=1, max_length=MOST_LEVELS)]


class ToldTerms(Told):
    """Without a brand and a model they are of all that have none of their own."""

    brand: Name = ""
    model: Name = ""
    lead_days: Annotated[int, Field(strict=True)] = 60
    service_percent: Annotated[int, Field(strict=True)] = 90
    most_months: Annotated[int, Field(strict=True)] = 3

    def terms(self) -> Terms:
        return Terms(**self.model_dump())


class ToldTermsList(Told):
    terms: Annotated[list[ToldTerms], Field(max_length=5000)]


@router.get("/stock-need")
def tell_need(
    services: ServicesOf,
    viewer: ViewerOf,
    by: Annotated[str, Query(description="Of dealer, brand, model and month, with commas.")] = "dealer,model",
    dealer: str = "",
    brand: str = "",
    product: Annotated[str, Query(alias="model", description="Of this model alone.")] = "",
    direction: Annotated[str, Query(description="By its id; new cars unless said.")] = "",
    months: Annotated[
        int | None,
        Query(
            description="For how many months, this one included, orders are to suffice; unless said, the lead time "
            "and a month."
        ),
    ] = None,
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """Units expected − in stock − in transit = to order, with safety stock, cover, and the last day to order."""
    question = StockQuestion(read_names(by), dealer, brand, product, direction, months)
    return answered(stock_answer(services, viewer.seen, question), form, services.settings)


@router.get("/stock")
def list_stock(services: ServicesOf, viewer: ViewerOf, dealer: str = "") -> dict[str, Any]:
    """What is in stock and on its way, by dealer and model."""
    with services.database.connect() as connection:
        items = [each.as_dict() for each in known_levels(connection, viewer.seen, dealer=dealer).values()]
    return {"items": items, "total": len(items), "next": None}


@router.put("/stock", dependencies=[Depends(may_plan)])
def put_stock(services: ServicesOf, viewer: ViewerOf, told: ToldStocks) -> dict[str, Any]:
    """Set levels of dealers' models, all or none of them; others stay as they are."""
    levels = [each.level() for each in told.items]
    changed = keep_levels(
        services.database, services.clock, levels, services.today, author=viewer.name, seen=viewer.seen
    )
    return {"told": len(levels), "changed": changed}


@router.post("/stock/file", dependencies=[Depends(may_plan)])
def take_stock_file(
    services: ServicesOf, viewer: ViewerOf, file: Annotated[UploadFile, File(description="XLSX or CSV.")]
) -> dict[str, Any]:
    """Set levels from a table, all or none of them, as a form of the kind multipart/form-data."""
    levels = read_stock(file.file.read(), *stock_names(services, viewer), services.today)
    changed = keep_levels(
        services.database, services.clock, levels, services.today, author=viewer.name, seen=viewer.seen
    )
    return {"told": len(levels), "changed": changed}


@router.get("/stock/table")
def tell_table(
    services: ServicesOf, viewer: ViewerOf, form: Annotated[PlanFormat, Query(alias="format")] = PlanFormat.XLSX
) -> Response:
    """A table of stock to fill in, with what is known."""
    return stock_file(services, viewer, form)


@router.get("/stock/terms")
def tell_terms(services: ServicesOf) -> dict[str, Any]:
    """Lead times, wanted service, and how many months of stock are too much, by brand and model."""
    with services.database.connect() as connection:
        items = [each.as_dict() for each in known_terms(connection).rows]
    return {"items": items, "total": len(items), "next": None}


@router.put("/stock/terms", dependencies=[Depends(may_change_rules)])
def put_terms(services: ServicesOf, viewer: ViewerOf, told: ToldTermsList) -> dict[str, Any]:
    """Replace them all."""
    keep_terms(services.database, services.clock, [each.terms() for each in told.terms], author=viewer.name)
    return tell_terms(services)
