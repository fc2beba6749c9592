"""What the pages of a programme show: its rules, what dealers bought, its ledger, and the form that changes it."""

from collections import Counter
from decimal import Decimal
from typing import Any

from api.bootstrap import Services
from api.dates import dated
from api.funds.forms import Filled
from api.funds.parties import is_payer
from api.funds.words import account_names, done_names, entry_names, written_units
from api.viewer import Viewer
from attribution.visibility import EVERYTHING
from planning.funds.accruing import purchases_of
from planning.funds.dealers import fund_dealers
from planning.funds.ledger import Entry, accrued_by_quarter, entries_of, of_programme, seen_by
from planning.funds.programme import Programme, usual_quarter
from planning.funds.programme_register import find_programme
from planning.money import units_of

_DAY = "d MMM y"
_MOST_ENTRIES = 100
_SPARE_RULES = 3
_RULE = ("dealer", "brand", "quarter", "percent", "amount")


def programme_view(
    services: Services, viewer: Viewer, key: int, *, filled: Filled | None = None, done: str = ""
) -> dict[str, Any]:
    """Raises `NotFound`."""
    desk = services.desk
    with services.database.connect() as connection:
        programme = find_programme(connection, key)
        dealers = fund_dealers(connection, viewer.seen)
        names = {dealer.id: dealer.title for dealer in dealers}
        bought = purchases_of(connection, key)
        given = accrued_by_quarter(connection, key)
        entries, total = entries_of(connection, of_programme(key), *seen_by(viewer.seen), most=_MOST_ENTRIES)
    told = sorted({*bought, *given}, key=lambda each: (names.get(each[0], ""), each[1]))
    quarters = programme.told.quarters
    return {
        "programme": programme,
        "period": f"{quarters[0]} – {quarters[-1]}",
        "rules": [
            (names.get(rule.dealer, rule.dealer), rule, written_units(units_of(rule.amount or Decimal(0), "amount")))
            for rule in programme.told.rules
            if not rule.dealer or rule.dealer in names
        ],
        "earned": [
            {
                "dealer": names[dealer],
                "quarter": str(quarter),
                "bought": written_units(bought.get((dealer, quarter))),
                "given": written_units(given.get((dealer, quarter), 0)),
            }
            for dealer, quarter in told
            if dealer in names
        ],
        "dealers": [dealer for dealer in dealers if programme.takes_in(dealer)],
        "quarters": [str(quarter) for quarter in programme.begun(desk.today)],
        "usual_quarter": str(usual_quarter(programme, desk.today)),
        "entries": [_entry(each, names) for each in entries],
        "total": total,
        "is_payer": is_payer(viewer) and not viewer.is_limited,
        "filled": filled or Filled(),
        "done": done_names().get(done, ""),
    }


def programme_form(services: Services, filled: Filled | None, programme: Programme | None) -> dict[str, Any]:
    with services.database.connect() as connection:
        from_reference = fund_dealers(connection, EVERYTHING)
    shown = filled or (_as_filled(programme) if programme else Filled({"share": "50", "claim_days": "90"}))
    told = [line for line in shown.lines if any(line.values())]
    brands = Counter(dealer.brand for dealer in from_reference if dealer.brand)
    return {
        "programme": programme,
        "filled": shown,
        "lines": [*told, *(dict.fromkeys(_RULE, "") for _line in range(_SPARE_RULES))],
        "dealers": from_reference,
        "brands": sorted(brands),
        "currency": services.settings.currency,
        "action": f"/funds/programmes/{programme.id}/edit" if programme else "/funds/programmes/new",
    }


def _as_filled(programme: Programme) -> Filled:
    told = programme.told
    values = {name: _field(getattr(told, name)) for name in type(told).model_fields if name != "rules"}
    lines = [{name: _field(getattr(rule, name)) for name in _RULE} for rule in told.rules]
    return Filled({**values, "revision": str(programme.revision)}, lines)


def _field(value: object) -> str:
    """As its field has it: a box that is not ticked sends nothing, and 0 quarters are not none."""
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)


def _entry(entry: Entry, names: dict[str, str]) -> dict[str, Any]:
    accounts = account_names()
    return {
        "entry": entry,
        "day": dated(entry.day, _DAY),
        "dealer": names.get(entry.fund.dealer, entry.fund.dealer),
        "what": entry_names()[entry.kind],
        "way": f"{accounts[entry.source]} → {accounts[entry.target]}",
        "amount": written_units(entry.amount),
    }
