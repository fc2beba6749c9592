"""The pages of contractors: the register, and one contractor with campaigns and fees."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData

from api.bootstrap import Services
from api.forms import text_of
from api.language import gettext as _
from api.reference_tables import days_columns, document_with
from api.reference_view import kept_in_words
from api.settings_view import settings_view
from api.table_forms import Cells, Column, EditedTable, Kind, cells_of, filled, lines_with, read_lines, values_of
from api.viewer import Viewer
from attribution.reference import newest_reference, reference_document
from attribution.reference_document import Contractor, ReferenceDocument
from infra.access.rights import Right
from infra.errors import ClosedLoopError, NotFound

FACTS = ("id", "name", "claimed_budget", "claimed_romi", "claimed_from", "claimed_to")
CAMPAIGNS, FEES = "campaigns-", "fees-"
Facts = dict[str, str]


def campaign_columns() -> Sequence[Column]:
    return (Column("source", _("Source")), Column("medium", _("Medium")), Column("campaign", _("Campaign")))


def fee_columns() -> Sequence[Column]:
    return (
        *days_columns(),
        Column("percent", _("Percent of spend"), kind=Kind.NUMBER),
        Column("fixed_month", _("Fixed, a month"), kind=Kind.NUMBER),
        Column("per_lead", _("Per lead"), kind=Kind.NUMBER),
        Column("minimum", _("Least of a month"), kind=Kind.NUMBER),
        Column("maximum", _("Most of a month"), kind=Kind.NUMBER),
        Column("currency", _("Currency"), _("The account's where empty.")),
        Column("steps", _("Steps"), _("From which spend on which percent: 0: 12, 1000000: 10"), Kind.WORDS),
        Column("steps_of", _("A step's percent is of"), kind=Kind.CHOICE, options=("whole", "part")),
    )


def contractors_view(services: Services, viewer: Viewer, done: str) -> dict[str, Any]:
    return settings_view(viewer) | {
        "contractors": reference_document(services.database).contractors,
        "said": kept_in_words(done),
        "may_change": viewer.may(Right.RULES),
    }


def contractor_view(services: Services, viewer: Viewer, key: str) -> dict[str, Any]:
    """As it is in force; empty where no id is told. Raises `NotFound`."""
    found = named_contractor(reference_document(services.database), key) if key else Contractor(id="new")
    told = found.model_dump(mode="json", by_alias=True) | ({} if key else {"id": ""})
    fees = [fee | {"steps": [f"{step['above']}: {step['percent']:g}" for step in fee["steps"]]} for fee in told["fees"]]
    return _view(
        services,
        viewer,
        key,
        {name: "" if told[name] is None else str(told[name]) for name in FACTS},
        [cells_of(each, campaign_columns()) for each in told["campaigns"]],
        [cells_of(each, fee_columns()) for each in fees],
        based_on=newest_reference(services.database),
    )


def draft_view(
    services: Services,
    viewer: Viewer,
    key: str,
    draft: tuple[Facts, list[Cells], list[Cells]],
    *,
    based_on: int,
    error: ClosedLoopError | None = None,
    checked: bool = False,
) -> dict[str, Any]:
    """As it was written; what is wrong is marked where it is `checked`."""
    facts, campaigns, fees = draft
    if checked:
        campaigns, fees = filled(campaigns, campaign_columns()), written_fees(fees)
    return _view(services, viewer, key, facts, campaigns, fees, based_on=based_on, error=error, checked=checked)


def read_draft(form: FormData) -> tuple[Facts, list[Cells], list[Cells]]:
    facts = {name: text_of(form, name) for name in FACTS}
    return facts, read_lines(form, campaign_columns(), CAMPAIGNS), read_lines(form, fee_columns(), FEES)


def contractors_with(
    known: ReferenceDocument, key: str, draft: tuple[Facts, list[Cells], list[Cells]]
) -> tuple[list[dict[str, Any]], int]:
    """The part of the document with this contractor in its place, or behind the others; and where that is."""
    facts, campaigns, fees = draft
    told = {name: value for name, value in facts.items() if value} | {
        "campaigns": [values_of(cells, campaign_columns()) for cells in filled(campaigns, campaign_columns())],
        "fees": [_fee(cells) for cells in written_fees(fees)],
    }
    found = [each.model_dump(mode="json", by_alias=True) for each in known.contractors]
    place = next((at for at, each in enumerate(found) if key and each["id"] == key), len(found))
    found[place : place + 1] = [told]
    return found, place


def written_fees(lines: Sequence[Cells]) -> list[Cells]:
    """A choice alone, which always has a value, says nothing."""
    return [cells for cells in lines if any(text for name, text in cells.items() if name != "steps_of")]


def named_contractor(known: ReferenceDocument, key: str) -> Contractor:
    """Raises `NotFound`."""
    for each in known.contractors:
        if each.id == key:
            return each
    raise NotFound(f"There is no contractor {key!r}.", where="id", help="The page of contractors lists them.")


def _fee(cells: Cells) -> dict[str, Any]:
    told = values_of(cells, fee_columns())
    steps = [each.partition(":") for each in told.pop("steps", [])]
    return told | {"steps": [{"above": above.strip(), "percent": percent.strip()} for above, _colon, percent in steps]}


def _view(
    services: Services,
    viewer: Viewer,
    key: str,
    facts: Facts,
    campaigns: Sequence[Cells],
    fees: Sequence[Cells],
    *,
    based_on: int,
    error: ClosedLoopError | None = None,
    checked: bool = False,
) -> dict[str, Any]:
    draft = (facts, list(campaigns), list(fees))
    wrongs = _wrongs(services, key, draft) if checked else {}
    of_campaigns, of_fees = (
        {(at, name): text for (part, at, name), text in wrongs.items() if part == which}
        for which in ("campaigns", "fees")
    )
    return settings_view(viewer) | {
        "key": key,
        "facts": facts,
        "wrongs": {name: text for (part, _at, name), text in wrongs.items() if not part},
        "campaigns": EditedTable(campaign_columns(), lines_with(campaigns, of_campaigns), CAMPAIGNS),
        "fees": EditedTable(fee_columns(), lines_with(fees, of_fees), FEES),
        "based_on": based_on,
        "error": error,
        "may_change": viewer.may(Right.RULES),
        "currency": services.settings.currency,
    }


def _wrongs(
    services: Services, key: str, draft: tuple[Facts, list[Cells], list[Cells]]
) -> dict[tuple[str, int, str], str]:
    """By the table (empty: none), the line, and the field; what concerns the whole is under an empty field."""
    known = reference_document(services.database)
    told, place = contractors_with(known, key, draft)
    try:
        document_with(known, {"contractors": told}, services.settings.country)
    except ValidationError as error:
        return {_place(found["loc"], place): found["msg"].removeprefix("Value error, ") for found in error.errors()}
    return {}


def _place(place: tuple[int | str, ...], at: int) -> tuple[str, int, str]:
    if place[:2] != ("contractors", at) or len(place) < 3:
        return ("", 0, "")
    if place[2] not in ("campaigns", "fees") or len(place) < 4:
        return ("", 0, str(place[2]))
    return (str(place[2]), int(place[3]), str(place[4]) if len(place) > 4 else "")
