"""What forms of contractor work tell: documents, or what is wrong with which field of theirs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from api.forms import lines_of, text_of, texts_of
from api.language import gettext as _
from collectors.values import read_number
from infra.errors import ClosedLoopError
from planning.desk import Desk
from planning.work.act_steps import ActStepTold
from planning.work.documents import ActTold, BriefTold, TaskTold, Told
from planning.work.versions import NewFile

Document = TypeVar("Document", bound=Told)
_MOST_LINES = 200
_LINE = ("what", "about", "net", "vat", "media_item", "purchase_order")


@dataclass(slots=True)
class Filled:
    """A form as it was filled in, what is wrong with which field, and what is wrong with all of it.

    `of` is the form's name, where a page has several.
    """

    of: str = ""
    values: dict[str, str] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    lines: list[dict[str, str]] = field(default_factory=list)
    wrongs: dict[str, str] = field(default_factory=dict)
    error: ClosedLoopError | None = None


def read_brief(form: FormData) -> tuple[BriefTold | None, Filled]:
    names = ("title", "text", "brand", "channel", "campaign", "contractor", "month", "currency", "deadline")
    filled = Filled("brief", _texts(form, *names, "budget", "media_item", "needs_brand", "is_closed", "comment"))
    filled.chosen = tuple(texts_of(form, "dealers"))
    told: dict[str, Any] = {name: filled.values[name] for name in names if filled.values[name]}
    told |= {"dealers": filled.chosen, **_numbers(filled.values, "budget", "media_item")}
    told |= {name: bool(filled.values[name]) for name in ("needs_brand", "is_closed")}
    return _read(BriefTold, told, filled), filled


def read_task(form: FormData) -> tuple[TaskTold | None, Filled]:
    names = ("title", "text", "kind", "assignee", "due")
    filled = Filled("task", _texts(form, *names, "contractor", "formats"))
    told: dict[str, Any] = {name: filled.values[name] for name in names if filled.values[name]}
    contractor = filled.values["contractor"]
    told |= {"is_own": True} if contractor == OWN else {"contractor": contractor}
    return _read(TaskTold, {**told, "formats": lines_of(form, "formats")}, filled), filled


OWN = "-"
"""What the list of contractors has for the holding itself: ids have no such name."""


def read_act(form: FormData) -> tuple[ActTold | None, Filled]:
    """Lines that are left empty are none."""
    names = ("number", "invoice", "day", "contractor", "first_day", "last_day", "currency", "comment")
    filled = Filled("act", _texts(form, *names))
    columns = [[str(told).strip() for told in form.getlist(f"line_{name}")][:_MOST_LINES] for name in _LINE]
    filled.lines = [dict(zip(_LINE, line, strict=True)) for line in zip(*columns, strict=False)]
    told: dict[str, Any] = {name: filled.values[name] for name in names if filled.values[name]}
    told["lines"] = [_line(line) for line in filled.lines if line["what"] or line["net"] or line["vat"]]
    return _read(ActTold, told, filled), filled


def read_act_step(form: FormData) -> tuple[ActStepTold | None, Filled]:
    names = ("step", "revision", "comment", "day", "payment")
    filled = Filled("step", _texts(form, *names))
    return _read(ActStepTold, {name: value for name, value in filled.values.items() if value}, filled), filled


def read_files(form: FormData, desk: Desk) -> list[NewFile]:
    """Those that were chosen, durable already. Raises as `FileStore.keep`."""
    return [
        NewFile(each.filename, desk.files.keep(each.file))
        for each in form.getlist("file")
        if isinstance(each, UploadFile) and each.filename
    ]


def _texts(form: FormData, *names: str) -> dict[str, str]:
    return {name: text_of(form, name) for name in names}


def _line(line: Mapping[str, str]) -> dict[str, Any]:
    kind, _sign, number = line["about"].partition("-")
    about = {kind: number} if kind in ("brief", "task") else {}
    return {
        "what": line["what"], **about, "net": _number(line["net"]), "vat": _number(line["vat"]) or "0",
        **_numbers(line, "media_item", "purchase_order"),
    }  # fmt: skip


def _numbers(values: Mapping[str, str], *names: str) -> dict[str, str]:
    """Of fields that are filled in."""
    return {name: _number(values[name]) for name in names if values[name]}


def _number(text: str) -> str:
    return str(read_number(text))


def _read(kind: type[Document], told: Mapping[str, Any], filled: Filled) -> Document | None:
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        for found in error.errors():
            place = ".".join(map(str, found["loc"]))
            filled.wrongs.setdefault(place, _said(place, found["msg"].removeprefix("Value error, ")))
        return None


def _said(place: str, otherwise: str) -> str:
    """By the field's name: what it wants. Lines are told apart by their numbers."""
    name = place.rpartition(".")[2]
    if place.startswith("formats"):
        return _("Write a format a line, such as 240×400, in 60 characters at most.")
    needed, day = _("Fill this in."), _("Choose a day.")
    known = {
        "title": needed, "number": needed, "what": needed, "contractor": needed,
        "deadline": day, "due": day, "day": day, "first_day": day, "last_day": day,
        "month": _("Write a month as 2027-03."),
        "budget": _("Write an amount such as 120000.50, or leave it empty."),
        "net": _("Write an amount above 0, such as 120000.50."),
        "vat": _("Write the VAT that stands beside it, 0 where there is none."),
        "currency": _("Write a currency code such as RUB."),
        "media_item": _("Write the number of the item, or leave it empty."),
        "purchase_order": _("Write the number of the order, or leave it empty."),
        "lines": _("Write one line at least."),
    }  # fmt: skip
    whole = _whole_names()
    return known.get(name) or next((said for part, said in whole.items() if part in otherwise), otherwise)


def _whole_names() -> dict[str, str]:
    """What is wrong with several fields together."""
    return {
        "no dealer and no brand": _("Choose a dealer, or a brand, whose dealers it is of."),
        "budget and no contractor": _("Choose the contractor whose budget it is."),
        "two months": _("An act is of one month: write another one for the other month."),
        "ends before it begins": _("The period ends before it begins."),
        "more VAT than amount": _("Write the amount without VAT first, and its VAT beside it."),
    }
