"""What forms of funds tell: documents, or what is wrong with which field of theirs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from api.forms import text_of
from api.language import gettext as _
from collectors.values import read_number
from infra.errors import ClosedLoopError
from planning.desk import Desk
from planning.funds.asking import NewFile
from planning.funds.deciding import Decision
from planning.funds.documents import ActivityTold, ClaimTold, ProgrammeTold, Told

Document = TypeVar("Document", bound=Told)
_MOST_LINES = 60
_MOST_RULES = 2100


@dataclass(slots=True)
class Filled:
    """A form as it was filled in: its fields, what is wrong with which, and what is wrong with all of it."""

    values: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, str]] = field(default_factory=list)
    wrongs: dict[str, str] = field(default_factory=dict)
    error: ClosedLoopError | None = None

    @property
    def is_wrong(self) -> bool:
        return bool(self.wrongs or self.error)

    def told(self, error: ClosedLoopError) -> "Filled":
        """With an error of what the form asked for."""
        self.error = error
        return self


def read_activity(form: FormData) -> tuple[ActivityTold | None, Filled]:
    names = ("title", "description", "channel", "contractor", "first_day", "last_day", "cost", "share")
    filled = Filled({name: text_of(form, name) for name in (*names, "programme", "dealer", "comment")})
    told = {name: filled.values[name] for name in names} | {"cost": _number(filled.values["cost"])}
    return _read(ActivityTold, told, filled), filled


def read_claim(form: FormData) -> tuple[ClaimTold | None, Filled]:
    """Lines that are left empty are none."""
    filled = Filled({"comment": text_of(form, "comment")}, _lines(form, ("number", "day", "net", "vat"), _MOST_LINES))
    invoices = [
        {**line, "net": _number(line["net"]), "vat": _number(line["vat"]) or "0"}
        for line in filled.lines
        if any(line.values())
    ]
    return _read(ClaimTold, {"invoices": invoices, "comment": filled.values["comment"]}, filled), filled


def read_programme(form: FormData) -> tuple[ProgrammeTold | None, Filled]:
    names = ("name", "payer", "currency", "first_quarter", "last_quarter", "share", "claim_days", "carry_quarters")
    filled = Filled(
        {name: text_of(form, name) for name in (*names, "pays_vat", "is_closed", "revision")},
        _lines(form, ("dealer", "brand", "quarter", "percent", "amount"), _MOST_RULES),
    )
    rules = [
        {name: _number(value) if name in ("percent", "amount") else value for name, value in line.items() if value}
        for line in filled.lines
        if any(line.values())
    ]
    told: dict[str, Any] = {name: filled.values[name] for name in names if filled.values[name]}
    told |= {name: bool(filled.values[name]) for name in ("pays_vat", "is_closed")}
    return _read(ProgrammeTold, {**told, "rules": rules}, filled), filled


def read_decision(form: FormData) -> tuple[Decision | None, Filled]:
    names = ("act", "revision", "comment", "share", "percent", "until", "day", "payment")
    filled = Filled({name: text_of(form, name) for name in names})
    return _read(Decision, {name: value for name, value in filled.values.items() if value}, filled), filled


def read_files(form: FormData, desk: Desk, purpose: str) -> list[NewFile]:
    """Those that were chosen, durable already. Raises as `FileStore.keep`."""
    return [
        NewFile(each.filename, desk.files.keep(each.file), purpose)
        for each in form.getlist("file")
        if isinstance(each, UploadFile) and each.filename
    ]


def _lines(form: FormData, names: tuple[str, ...], most: int) -> list[dict[str, str]]:
    """Fields that come once a line, in the order of lines."""
    columns = [[str(told).strip() for told in form.getlist(f"line_{name}")][:most] for name in names]
    return [dict(zip(names, line, strict=True)) for line in zip(*columns, strict=False)]


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
    name = place.rpartition(".")[2] or "form"
    money = _("Write an amount above 0, such as 120000.50.")
    day = _("Choose a day.")
    needed = _("Fill this in.")
    known = {
        "title": needed, "channel": needed, "number": needed, "name": needed, "payer": needed,
        "cost": money, "net": money, "amount": money,
        "vat": _("Write the VAT that stands beside it, 0 where there is none."),
        "first_day": day, "last_day": day, "day": day, "until": day,
        "share": _("Write a percent from 50 to 100."), "percent": _("Write a percent, such as 2.5."),
        "first_quarter": _("Write a quarter as 2026-Q1."), "last_quarter": _("Write a quarter as 2026-Q1."),
        "quarter": _("Write a quarter as 2026-Q1."),
        "claim_days": _("Write a number of days from 1 to 730."),
        "carry_quarters": _("Write a number of quarters from 0 to 20, or leave it empty."),
        "currency": _("Write a currency code such as RUB."),
        "invoices": _("Write one invoice at least."), "rules": _("Write one rule at least."),
        "form": _("Days and quarters must be in order, and each rule says one thing, once."),
    }  # fmt: skip
    return known.get(name) or (known["form"] if name.isdecimal() or place == "" else otherwise)
