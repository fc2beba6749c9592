"""What the page of funds shows: balances, their ages, what waits for whom, and activities."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection

from api.bootstrap import Services
from api.dates import dated
from api.funds.bars import PARTS, Part, bar
from api.funds.parties import is_dealer, is_payer
from api.funds.words import account_names, done_names, party_names, state_names, waiting_names, written_units
from api.language import gettext as _
from api.viewer import Viewer
from planning.funds.activity import Activity
from planning.funds.activity_list import count_by_state, list_activities
from planning.funds.balances import Balance, balances
from planning.funds.dealers import fund_dealers
from planning.funds.ledger import Account, Bucket, total_of
from planning.funds.programme import Programme
from planning.funds.programme_register import list_programmes
from planning.funds.states import Party, State
from planning.funds.waiting import Waiting, waiting

_DAY = "d MMM y"
_MOST_ACTIVITIES = 200
_MOST_WAITING = 12


@dataclass(frozen=True, slots=True)
class FundsQuestion:
    """What of funds is shown; `state` is empty for activities that are not over."""

    programme: int | None = None
    dealer: str = ""
    state: str = ""


def funds_view(services: Services, viewer: Viewer, question: FundsQuestion, done: str = "") -> dict[str, Any]:
    desk = services.desk
    with services.database.connect() as connection:
        programmes = list_programmes(connection)
        dealers = fund_dealers(connection, viewer.seen)
        names = {dealer.id: dealer.title for dealer in dealers}
        every = balances(connection, desk, viewer.seen)
        found = [each for each in every if _is_asked(each, question)]
        waits = [each for each in waiting(connection, desk, viewer.seen, every) if _waits_here(each, question)]
        activities = _activities(connection, viewer, question)
    by_id = {programme.id: programme for programme in programmes}
    mine, others = _by_turn(viewer, waits)
    return {
        "question": question,
        "programmes": programmes,
        "dealers": dealers,
        "shown": [_programme(each, [one for one in found if one.programme.id == each.id]) for each in programmes
                  if question.programme in (None, each.id)],
        "mine": [_waiting(each, by_id, names) for each in mine],
        "others": [_waiting(each, by_id, names) for each in others],
        "most": _MOST_WAITING,
        **activities,
        "names": names,
        "of_programme": {programme.id: programme.told.name for programme in programmes},
        "currencies": {programme.id: programme.currency for programme in programmes},
        "is_payer": is_payer(viewer) and not viewer.is_limited,
        "may_ask": is_dealer(viewer) and any(not each.told.is_closed for each in programmes) and bool(dealers),
        "parts": [(name, account_names()[Account(name)]) for name in PARTS],
        "states": state_names(),
        "done": done_names().get(done, ""),
        "exports": _exports(question),
    }  # fmt: skip


def _activities(connection: Connection, viewer: Viewer, question: FundsQuestion) -> dict[str, Any]:
    chosen = [State(question.state)] if question.state else [state for state in State if not state.is_over]
    asked: dict[str, Any] = {"programme": question.programme, "dealer": question.dealer}
    found, total = list_activities(connection, viewer.seen, states=chosen, most=_MOST_ACTIVITIES, **asked)
    counts: Counter[State] = count_by_state(connection, viewer.seen, **asked)
    return {"activities": [_activity(each) for each in found], "found": total, "counts": counts}


def _activity(activity: Activity) -> dict[str, Any]:
    known = (activity.settled, activity.payable, activity.approved)
    return {
        "activity": activity,
        "days": f"{dated(activity.first_day, _DAY)} – {dated(activity.last_day, _DAY)}",
        "cost": written_units(activity.cost),
        "paid": written_units(next((amount for amount in known if amount is not None), activity.wanted)),
    }


def _programme(programme: Programme, found: Sequence[Balance]) -> dict[str, Any]:
    largest = max((each.total.earned for each in found), default=0)
    total = total_of(each.total for each in found)
    quarters = programme.told.quarters
    return {
        "programme": programme,
        "period": f"{quarters[0]} – {quarters[-1]}",
        "tiles": _figures(total),
        "rows": [_row(each, largest) for each in found],
        "aged": [_aged(each) for each in found if each.total.available or any(each.claimed)],
    }


def _figures(total: Bucket) -> list[tuple[str, str]]:
    names = account_names()
    return [
        (_("earned"), written_units(total.earned)),
        *((names[Account(name)], written_units(getattr(total, name))) for name in PARTS),
    ]


def _row(balance: Balance, largest: int) -> dict[str, Any]:
    parts: list[Part] = bar(balance.total, largest)
    figures = _figures(balance.total)
    label = ", ".join(f"{name} {amount}" for name, amount in figures)
    return {"dealer": balance.dealer, "bar": parts, "label": label, "figures": [amount for _name, amount in figures]}


def _aged(balance: Balance) -> dict[str, Any]:
    return {
        "dealer": balance.dealer,
        "unspent": [written_units(amount) for amount in balance.unspent],
        "claimed": [written_units(amount) for amount in balance.claimed],
        "expiring": [(dated(each.day, _DAY), written_units(each.amount)) for each in balance.expiring],
    }


def _waiting(each: Waiting, programmes: dict[int, Programme], names: dict[str, str]) -> dict[str, Any]:
    return {
        "title": each.title,
        "link": each.link,
        "what": waiting_names()[each.kind],
        "who": party_names()[each.acts],
        "due": dated(each.due, _DAY) if each.due else "",
        "dealer": names.get(each.dealer, each.dealer),
        "amount": f"{written_units(each.amount)} {programmes[each.programme].currency}",
    }


def _by_turn(viewer: Viewer, found: Sequence[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """What the viewer can do, and what the other side has to."""
    payer, dealer = is_payer(viewer), is_dealer(viewer) and viewer.is_limited
    mine = [each for each in found if (payer if each.acts is Party.PAYER else dealer)]
    others = [each for each in found if each not in mine]
    return mine, sorted(others, key=lambda each: each.kind == "expires")


def _is_asked(balance: Balance, question: FundsQuestion) -> bool:
    return question.programme in (None, balance.programme.id) and question.dealer in ("", balance.dealer.id)


def _waits_here(each: Waiting, question: FundsQuestion) -> bool:
    return question.programme in (None, each.programme) and question.dealer in ("", each.dealer)


def _exports(question: FundsQuestion) -> str:
    """The end of an address of the API that asks for the same."""
    asked = {"programme": question.programme or "", "dealer": question.dealer}
    return urlencode({name: value for name, value in asked.items() if value})
