"""The parts of the reference data that are tables: their columns, and how a part is put into the document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from api.bootstrap import Services
from api.language import gettext as _
from api.table_forms import Cells, Column, Kind, cells_of, filled, values_of
from attribution.reference import newest_reference, reference_document, replace_reference
from attribution.reference_document import ReferenceDocument, wrongs_in
from infra.errors import InvalidInput, NotFound

Wrongs = dict[tuple[int, str], str]


@dataclass(frozen=True, slots=True)
class ReferenceTable:
    """`name` is the field of the document. `is_ordered` where the first that fits holds."""

    name: str
    title: str
    text: str
    columns: Sequence[Column]
    is_ordered: bool = False


def reference_table(name: str, known: ReferenceDocument) -> ReferenceTable:
    """Raises `NotFound`."""
    dealers = [each.id for each in known.dealers]
    contractors = [each.id for each in known.contractors]
    for table in _tables(dealers, contractors):
        if table.name == name:
            return table
    raise NotFound(f"There is no table {name!r}.", where="table", help="Open it from the page of settings.")


def _tables(dealers: Sequence[str], contractors: Sequence[str]) -> Sequence[ReferenceTable]:
    return (
        ReferenceTable(
            "dealers",
            _("Dealers"),
            _(
                "Reports group by brand and city, and cost that names no dealer is shared out to these; by their "
                "weights where a report says so."
            ),
            (
                Column("id", _("Id"), _("As events name the dealer.")),
                Column("name", _("Name")),
                Column("brand", _("Brand")),
                Column("city", _("City")),
                Column("group", _("Group")),
                Column("holding", _("Holding"), _("Where there are several.")),
                Column("opened", _("Opened"), _("Its first day."), Kind.DAY),
                Column("closed", _("Closed"), _("Its last day: plans end with it."), Kind.DAY),
                Column("weight", _("Weight"), _("Its part of shared cost; 1 where empty."), Kind.NUMBER),
            ),
        ),
        ReferenceTable(
            "tracking_numbers",
            _("Tracking numbers"),
            _(
                "A call to one of these is a touch of its source, and a lead of its dealer, on the days that are "
                "named; without days, always."
            ),
            (Column("number", _("Number"), _("As +74951234567, or an inner number.")), *_bound(dealers, contractors)),
        ),
        ReferenceTable(
            "tracking_addresses",
            _("E-mail addresses"),
            _("A letter to one of these is a touch of its source, and a lead of its dealer."),
            (Column("address", _("Address")), *_bound(dealers, contractors)),
        ),
        ReferenceTable(
            "promo_codes",
            _("Promo codes"),
            _(
                "A lead or deal that names the code is a touch of its source. Case, spaces and dashes make no "
                "difference."
            ),
            (Column("code", _("Code")), *_bound(dealers, contractors)),
        ),
        ReferenceTable(
            "target_calls",
            _("Target calls"),
            _(
                "Which calls count as leads: those that were answered and talked in for so long, with one of the "
                "tags. A line without a dealer is for all that have none of their own."
            ),
            (
                Column("dealer", _("Dealer"), _("Empty: all others."), options=dealers),
                Column("talk_s", _("Seconds of talk, at least"), _("30 where empty."), Kind.NUMBER),
                Column("tags", _("One of the tags"), _("With commas; empty asks nothing."), Kind.WORDS),
                Column("without_tags", _("None of the tags"), _("With commas."), Kind.WORDS),
                Column("believe_sender", _("Believe the call tracker"), _("Where it says itself."), Kind.YES_NO),
            ),
        ),
        ReferenceTable(
            "self_reported",
            _("How did you hear of us"),
            _("The first pattern that fits an answer names its channel. With none here, those that ship hold."),
            (Column("answer", _("Answer"), _("A regular expression."), Kind.PATTERN), Column("channel", _("Channel"))),
            is_ordered=True,
        ),
        ReferenceTable(
            "offline_media",
            _("Offline media"),
            _(
                "Advertising that brings no visit of its own: spend whose source or medium is one of the marks. "
                "Its effect is half as strong after so many days."
            ),
            (
                Column("medium", _("Medium")),
                Column("marks", _("Marks"), _("With commas."), Kind.WORDS),
                Column("half_life_days", _("Days to half strength"), _("7 where empty."), Kind.NUMBER),
            ),
        ),
    )


def _bound(dealers: Sequence[str], contractors: Sequence[str]) -> Sequence[Column]:
    return (
        Column("dealer", _("Dealer"), options=dealers),
        Column("source", _("Source")),
        Column("medium", _("Medium")),
        Column("campaign", _("Campaign")),
        Column("contractor", _("Contractor"), options=contractors),
        *days_columns(),
    )


def days_columns() -> Sequence[Column]:
    return (
        Column("from", _("From"), _("Empty: since ever."), Kind.DAY),
        Column("to", _("To"), _("Its last day; empty: without end."), Kind.DAY),
    )


def cells_in_force(table: ReferenceTable, known: ReferenceDocument) -> list[Cells]:
    """Everything is written, what is as shipped too."""
    return [
        cells_of(part.model_dump(mode="json", by_alias=True), table.columns)
        for part in getattr(known, table.name) or ()
    ]


def document_with(known: ReferenceDocument, changed: Mapping[str, Any], country: str) -> ReferenceDocument:
    """The document with some of its parts told anew. Raises pydantic's `ValidationError`."""
    told = known.model_dump(mode="json", by_alias=True) | dict(changed)
    return ReferenceDocument.model_validate(told, context={"country": country})


def wrongs_of_table(table: ReferenceTable, known: ReferenceDocument, lines: Sequence[Cells], country: str) -> Wrongs:
    """By place of the line and name of the cell; what concerns the whole is under the place -1."""
    told = [values_of(cells, table.columns) for cells in lines]
    try:
        document_with(known, {table.name: told}, country)
    except ValidationError as error:
        return {place_in(found["loc"], table.name): _said(found["msg"]) for found in error.errors()}
    return {}


def place_in(place: tuple[int | str, ...], name: str) -> tuple[int, str]:
    """Of `("tracking_numbers", 3, "number")`, the line 3 and its cell."""
    if len(place) < 2 or place[0] != name or not isinstance(place[1], int):
        return (-1, "")
    return (place[1], next((str(part) for part in place[2:] if isinstance(part, str)), ""))


def keep_table(
    services: Services, table: ReferenceTable, lines: Sequence[Cells], *, based_on: int, author: str
) -> None:
    """Raises `InvalidInput` where anything is wrong, or somebody changed the reference data meanwhile."""
    told = [values_of(cells, table.columns) for cells in filled(lines, table.columns)]
    keep_parts(services, {table.name: told}, based_on=based_on, author=author)


def keep_parts(services: Services, changed: Mapping[str, Any], *, based_on: int, author: str) -> None:
    """Put these parts of the document in the place of those in force. Raises `InvalidInput`."""
    check_still(services, based_on)
    known = reference_document(services.database)
    try:
        document = document_with(known, changed, services.settings.country)
    except ValidationError as error:
        raise InvalidInput(
            f"This cannot be kept: {'; '.join(wrongs_in(error))}.",
            where="reference",
            help="What is wrong is marked in the table.",
        ) from error
    replace_reference(services.database, document, author=author, clock=services.clock)


def check_still(services: Services, based_on: int) -> None:
    """Raises `InvalidInput` where the reference data are not those that the form was filled with."""
    if newest_reference(services.database) != based_on:
        raise InvalidInput(
            "Somebody changed the settings while you were editing.",
            where="reference",
            help="Load the page again, and write your change into what is in force now.",
        )


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")
