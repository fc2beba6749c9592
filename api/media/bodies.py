"""What programs send of media plans. Amounts are numbers with two decimals, without VAT unless said."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.row_ids import LARGEST_ID
from planning.calendar.events import EventKind, ToldEvent
from planning.media.commitments import Order
from planning.media.items import ToldItem
from planning.media.layout import LayOut
from planning.media.money import minor_of
from planning.media.pacing import Pacing

Name = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Row = Annotated[int, Field(strict=True, ge=1, le=LARGEST_ID)]
Revision = Annotated[int, Field(strict=True, ge=0, le=LARGEST_ID)]
Flag = Annotated[bool, Field(strict=True)]
Amount = Annotated[Decimal, Field(ge=0, le=10**13, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=0, le=10**15)]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class NewMediaPlan(_Told):
    dealer: Name
    month: Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]


class ItemBody(_Told):
    """With the `id` of one that is there, it is changed; without, it is new. An empty campaign or contractor is any."""

    channel: Name
    budget: Amount
    first: Annotated[date, Field(alias="from")]
    last: Annotated[date, Field(alias="to")]
    campaign: Annotated[str, Field(max_length=500)] = ""
    contractor: Name = ""
    pacing: Pacing = Pacing.EVEN
    impressions: Count | None = None
    clicks: Count | None = None
    leads: Count | None = None
    note: Text = ""
    currency: Annotated[str, Field(max_length=3)] = ""
    id: Row | None = None

    def as_item(self, place: int) -> ToldItem:
        """Raises `InvalidInput`."""
        budget = minor_of(self.budget, f"items.{place}.budget")
        return ToldItem(**{**dict(self), "budget": budget, "channel": self.channel.strip()})


class ItemsBody(_Told):
    """All items of the plan, in order; `based_on` is the revision that was looked at."""

    items: Annotated[list[ItemBody], Field(max_length=500)]
    based_on: Revision
    why: Text = ""


class LayOutBody(_Told):
    """`weights` are of the items in their order, where `by` says so."""

    by: LayOut
    based_on: Revision
    weights: Annotated[
        list[Annotated[float, Field(strict=True, ge=0, le=1e9, allow_inf_nan=False)]], Field(max_length=500)
    ] = []


class StepBody(_Told):
    """`why` is needed where a plan is sent back or reopened."""

    based_on: Revision
    why: Text = ""


class OrderedItem(_Told):
    """Without `net`, the order is shared out by what is left of its items."""

    item: Row
    net: Amount | None = None


class OrderBody(_Told):
    number: Name
    ordered_on: date
    contractor: Name
    amount: Amount
    currency: Annotated[str, Field(max_length=3)]
    first: Annotated[date, Field(alias="from")]
    last: Annotated[date, Field(alias="to")]
    items: Annotated[list[OrderedItem], Field(min_length=1, max_length=500)]
    vat_percent: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2, allow_inf_nan=False)] = Decimal(0)
    is_vat_included: Flag = False
    cancel_by: date | None = None
    note: Text = ""

    def as_order(self) -> Order:
        """Raises `InvalidInput`."""
        parts = {each.item: None if each.net is None else minor_of(each.net, "items") for each in self.items}
        return Order(**{**dict(self), "amount": minor_of(self.amount, "amount"), "items": parts})


class CancelBody(_Told):
    """`is_agreed`: the contractor lets it be cancelled after its day."""

    why: Text
    is_agreed: Flag = False


class MovedItem(_Told):
    """Less than 0 where money leaves the item."""

    item: Row
    change: Annotated[Decimal, Field(ge=-(10**13), le=10**13, decimal_places=2, allow_inf_nan=False)]


class ReallocationBody(_Told):
    """Changes add up to 0."""

    changes: Annotated[list[MovedItem], Field(min_length=2, max_length=100)]
    why: Text


class DecisionBody(_Told):
    comment: Text = ""


class EventBody(_Told):
    """Of a dealer, of a brand, or of all where both are empty."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    kind: EventKind
    first: Annotated[date, Field(alias="from")]
    last: Annotated[date, Field(alias="to")]
    dealer: Name = ""
    brand: Name = ""
    note: Text = ""

    def as_event(self) -> ToldEvent:
        return ToldEvent(self.title, self.kind, self.first, self.last, self.dealer, self.brand, self.note)


class ChangedEventBody(EventBody):
    based_on: Revision
