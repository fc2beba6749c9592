"""What the page of one activity shows: what it is, its whole story, and what the viewer can do next."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from api.bootstrap import Services
from api.dates import dated
from api.funds.forms import Filled
from api.funds.parties import is_dealer, is_payer, may_take
from api.funds.words import (
    account_names,
    act_names,
    done_names,
    entry_names,
    party_names,
    state_names,
    step_names,
    written_units,
)
from api.language import gettext as _
from api.viewer import Viewer
from attribution.reference import contractors, dealers
from infra.errors import ClosedLoopError
from planning.desk import Desk
from planning.files import StoredFile
from planning.funds.activity import CREATIVE, PROOF, Activity, find_activity
from planning.funds.asking import claims_of
from planning.funds.ledger import Entry, buckets_of, entries_of, of_activity, of_fund, total_of
from planning.funds.programme import Programme
from planning.funds.programme_register import find_programme
from planning.funds.states import Act, ways_from
from planning.funds.stepping import steps_of
from planning.money import units_of

_DAY, _MOMENT = "d MMM y", "d MMM y, HH:mm"
_LEAST_LINES, _SPARE_LINES = 2, 1


def activity_view(
    services: Services, viewer: Viewer, key: int, *, filled: Filled | None = None, done: str = ""
) -> dict[str, Any]:
    """`filled` is a form that could not be taken, with what is wrong in it. Raises `NotFound`."""
    desk = services.desk
    with services.database.connect() as connection:
        activity = find_activity(connection, key, viewer.seen)
        programme = find_programme(connection, activity.programme)
        entries, _total = entries_of(connection, of_activity(key))
        files = desk.files.list(connection, activity.subject)
        view = {
            "activity": activity,
            "programme": programme,
            "dealer_name": _name_of(connection, dealers, activity.dealer),
            "facts": list(_facts(connection, activity, programme)),
            "available": _available(connection, desk, activity, programme),
            "steps": [_step(desk, each) for each in steps_of(connection, key)],
            "claims": [_claim(desk, each) for each in claims_of(connection, key)],
        }
    may_attach = (is_dealer(viewer) or is_payer(viewer)) and not activity.state.is_over
    acts = [way.act for way in ways_from(activity.state) if may_take(viewer, way)]
    names = act_names()
    return view | {
        "state": state_names()[activity.state],
        "turn": _turn(activity),
        "files": _files(desk, files),
        "entries": [_entry(each) for each in entries],
        "decisions": [(act, names[act]) for act in acts if act in names],
        "may_claim": Act.CLAIM in acts,
        "may_edit": Act.ASK in acts,
        "may_attach": may_attach,
        "purposes": {CREATIVE: _("creative"), PROOF: _("proof")},
        "homeless": _homeless(filled, [act.value for act in acts], may_attach),
        "filled": filled or Filled({"share": str(activity.share), "percent": "100"}),
        "lines": _lines(filled),
        "today": desk.today,
        "done": done_names().get(done, ""),
    }


def _homeless(filled: Filled | None, acts: list[str], may_attach: bool) -> ClosedLoopError | None:
    """What went wrong with a step whose form stands on the page no more: somebody else was there before."""
    if filled is None or filled.values.get("act") in (*acts, "attach" if may_attach else ""):
        return None
    return filled.error


def _facts(connection: Connection, activity: Activity, programme: Programme) -> Iterator[tuple[str, str]]:
    currency = programme.currency
    yield _("Channel"), activity.channel
    if activity.contractor:
        yield _("Contractor"), _name_of(connection, contractors, activity.contractor)
    yield _("Days"), f"{dated(activity.first_day, _DAY)} – {dated(activity.last_day, _DAY)}"
    yield (
        (_("Cost, VAT included") if programme.told.pays_vat else _("Cost without VAT")),
        _money(activity.cost, currency),
    )
    yield _("Asked of the fund"), f"{_money(activity.wanted, currency)} ({activity.share} %)"
    if activity.approved is not None:
        yield _("Approved"), f"{_money(activity.approved, currency)} ({activity.approved_share} %)"
    if activity.claim_until:
        yield _("To be claimed until"), dated(activity.claim_until, _DAY)
    if activity.payable is not None:
        yield _("Claimed of the fund"), _money(activity.payable, currency)
    if activity.settled is not None:
        yield _("Settled"), f"{_money(activity.settled, currency)} ({activity.settled_percent} %)"
    if activity.paid_on:
        yield _("Paid"), f"{dated(activity.paid_on, _DAY)}, {activity.payment}"


def _money(units: int, currency: str) -> str:
    return f"{written_units(units)} {currency}"


def _name_of(connection: Connection, table: Any, key: str) -> str:
    return connection.scalar(select(table.c.name).where(table.c.id == key)) or key


def _available(connection: Connection, desk: Desk, activity: Activity, programme: Programme) -> str:
    found = buckets_of(connection, of_fund(activity.fund)).get(activity.fund, {})
    total = total_of(programme.on_day(found, desk.today).values())
    return _money(total.available, programme.currency)


def _turn(activity: Activity) -> str:
    """Whose the usual next step is; empty where there is none any more."""
    usual = [way for way in ways_from(activity.state) if way.target not in (None, activity.state) and not way.says_why]
    return party_names()[usual[0].party] if usual else ""


def _step(desk: Desk, step: dict[str, Any]) -> dict[str, Any]:
    return {
        "what": step_names()[Act(step["act"])],
        "who": step["author"],
        "at": dated(step["at"].astimezone(desk.zone), _MOMENT),
        "amount": written_units(step["amount"]) if step["amount"] else "",
        "comment": step["comment"],
    }


def _claim(desk: Desk, claim: dict[str, Any]) -> dict[str, Any]:
    invoices = [
        {
            "number": each["number"],
            "day": each["day"],
            "net": written_units(units_of(Decimal(each["net"]), "net")),
            "vat": written_units(units_of(Decimal(each["vat"]), "vat")),
        }
        for each in claim["invoices"]
    ]
    amounts = {name: written_units(claim[name]) for name in ("net", "vat", "payable")}
    told = {"number": claim["number"], "comment": claim["comment"], "who": claim["author"]}
    return {**told, **amounts, "invoices": invoices, "at": dated(claim["at"].astimezone(desk.zone), _MOMENT)}


def _files(desk: Desk, files: Sequence[StoredFile]) -> list[dict[str, Any]]:
    """The newest version of each file first, the earlier ones with it."""
    newest: dict[tuple[str, str], list[StoredFile]] = {}
    for file in files:
        newest.setdefault((file.purpose, file.name), []).insert(0, file)
    return [
        {
            "file": versions[0],
            "earlier": versions[1:],
            "size": _size(versions[0].size),
            "at": dated(versions[0].added_at.astimezone(desk.zone), _MOMENT),
        }
        for versions in newest.values()
    ]


def _size(size: int) -> str:
    return f"{size / 1024**2:.1f} MiB" if size >= 1024**2 else f"{max(1, round(size / 1024))} KiB"


def _entry(entry: Entry) -> dict[str, Any]:
    accounts = account_names()
    return {
        "day": dated(entry.day, _DAY),
        "quarter": str(entry.quarter),
        "what": entry_names()[entry.kind],
        "way": f"{accounts[entry.source]} → {accounts[entry.target]}",
        "amount": written_units(entry.amount),
    }


def _lines(filled: Filled | None) -> list[dict[str, str]]:
    """Lines of invoices, with room for one more."""
    told = [line for line in filled.lines if any(line.values())] if filled else []
    room = max(_LEAST_LINES - len(told), _SPARE_LINES)
    return [*told, *({"number": "", "day": "", "net": "", "vat": ""} for _line in range(room))]
