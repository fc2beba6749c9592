"""The table of a media plan's items as it is edited in one form."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from api.forms import ToldForm
from api.language import gettext as _
from api.table_forms import Cells, Column, EditedTable, Kind, filled, lines_with, read_lines
from infra.errors import ClosedLoopError, InvalidInput
from planning.media.items import MediaItem, ToldItem
from planning.media.money import minor_of
from planning.media.months import Month
from planning.media.pacing import Pacing

_FIELDS = {"from": "first", "to": "last"}
_COUNTS = ("impressions", "clicks", "leads")


def item_columns(channels: Sequence[str] = (), contractors: Sequence[str] = ()) -> Sequence[Column]:
    return (
        Column("id", "id"),
        Column("channel", _("Channel"), _("As reports name it."), options=channels),
        Column("campaign", _("Campaign"), _("As spend names it; every one of the channel where empty.")),
        Column("contractor", _("Contractor"), _("Anybody where empty."), options=contractors),
        Column("budget", _("Budget"), kind=Kind.NUMBER),
        Column("first", _("From"), kind=Kind.DAY),
        Column("last", _("To"), kind=Kind.DAY),
        Column("pacing", _("Pacing"), kind=Kind.CHOICE, options=[each.value for each in Pacing]),
        Column("impressions", _("Impressions"), _("Expected."), Kind.NUMBER),
        Column("clicks", _("Clicks"), _("Expected."), Kind.NUMBER),
        Column("leads", _("Leads"), _("Expected; CPL is budget / leads."), Kind.NUMBER),
        Column("note", _("Note")),
    )


def cells_of_item(item: MediaItem) -> Cells:
    counts = {name: "" if (value := getattr(item, name)) is None else str(value) for name in _COUNTS}
    return counts | {
        "id": str(item.id),
        "channel": item.channel,
        "campaign": item.campaign,
        "contractor": item.contractor,
        "budget": f"{item.budget / 100:.2f}".removesuffix(".00"),
        "first": item.first.isoformat(),
        "last": item.last.isoformat(),
        "pacing": item.pacing.value,
        "note": item.note,
    }


def new_cells(month: Month) -> Cells:
    empty = {column.name: "" for column in item_columns()}
    days = {"first": month.first.isoformat(), "last": month.last.isoformat()}
    return empty | days | {"pacing": Pacing.EVEN.value}


def read_cells(form: ToldForm) -> list[Cells]:
    return read_lines(form, item_columns())


def written_cells(lines: Sequence[Cells]) -> list[Cells]:
    """Without lines in which nothing but days and pacing stands."""
    asked = [each for each in item_columns() if each.name not in ("first", "last", "pacing")]
    return [cells for cells in lines if filled([cells], asked)]


def items_of(lines: Sequence[Cells], before: Mapping[int, MediaItem], month: Month) -> list[ToldItem]:
    """Raises `InvalidInput`, which names the line and the field."""
    return [_item(cells, place, before, month) for place, cells in enumerate(lines)]


def edited_table(
    lines: Sequence[Cells], error: ClosedLoopError | None, channels: Sequence[str], contractors: Sequence[str]
) -> EditedTable:
    """What is wrong stands at its cell."""
    wrongs: dict[tuple[int, str], str] = {}
    if error and error.where.startswith("items."):
        _items, place, name = (error.where + "..").split(".")[:3]
        wrongs[int(place), _FIELDS.get(name, name)] = f"{error.message} {error.help}".strip()
    return EditedTable(item_columns(channels, contractors), lines_with(lines, wrongs))


def _item(cells: Cells, place: int, before: Mapping[int, MediaItem], month: Month) -> ToldItem:
    where = f"items.{place}"
    key = int(cells["id"]) if cells["id"].isdecimal() and len(cells["id"]) < 10 else None
    counts: dict[str, Any] = {name: _count(cells[name], f"{where}.{name}") for name in _COUNTS}
    known = before.get(key or 0)
    is_as_before = known is not None and known.leads == counts["leads"]
    return ToldItem(
        channel=cells["channel"],
        campaign=cells["campaign"],
        contractor=cells["contractor"],
        budget=minor_of(cells["budget"] or "0", f"{where}.budget"),
        first=_day(cells["first"], f"{where}.from", month.first),
        last=_day(cells["last"], f"{where}.to", month.last),
        pacing=Pacing(cells["pacing"]) if cells["pacing"] in list(Pacing) else Pacing.EVEN,
        cpl_of=known.cpl_of if known and is_as_before else "",
        note=cells["note"],
        id=key,
        **counts,
    )


def _count(text: str, where: str) -> int | None:
    plain = text.replace(" ", "").replace("\u00a0", "")
    if not plain:
        return None
    if not plain.isdecimal() or len(plain) > 15:
        raise InvalidInput(f"{text!r} is no whole number.", where=where, help="Write digits, or leave it empty.")
    return int(plain)


def _day(text: str, where: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no day.", where=where, help="Write it as 2026-11-30.") from None
