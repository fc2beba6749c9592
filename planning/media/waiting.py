"""What of media plans waits for whom.

Plans and reallocations to decide on, budgets to lay out, orders that can still be cancelled, forecasts off budgets.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote

from sqlalchemy import Connection, select

from attribution.visibility import EVERYTHING, Visibility
from planning.dimensions import known_network
from planning.media.budget import approved_budgets
from planning.media.commitments import read_commitments
from planning.media.money import in_words
from planning.media.months import Month, month_of
from planning.media.overview import DealerMonth
from planning.media.plans import MediaPlan, MediaState, media_plans_of
from planning.media.progress import in_a_sentence
from planning.media.reallocation import pending_reallocations
from planning.media.tables import media_plans

_SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WaitingMatter:
    """`who` is `planner` (whoever works on plans of the dealer) or `director`. An empty dealer is of several."""

    kind: str
    title: str
    link: str
    due: date | None
    who: str
    dealer: str = ""


def waiting(
    connection: Connection,
    today: date,
    *,
    seen: Visibility = EVERYTHING,
    overview: Sequence[DealerMonth] = (),
) -> list[WaitingMatter]:
    """The most urgent first. Forecasts are told of where an `overview` of the month is given.

    Contractors have nothing that waits here.
    """
    if seen.contractors is not None:
        return []
    month = month_of(today)
    plans = {each.id: each for of in (month, month.after) for each in media_plans_of(connection, of, seen)}
    found = [
        *_to_decide(connection, seen),
        *_to_move(connection, seen),
        *_to_lay_out(connection, month, today, plans, seen),
        *_to_cancel(connection, plans, today),
        *_off(overview),
    ]
    return sorted(found, key=lambda each: (each.due or date.max, each.kind, each.title))


def address_of(dealer: str, month: Month) -> str:
    return f"/media-plans/{quote(dealer)}/{month}"


def _to_decide(connection: Connection, seen: Visibility) -> Iterator[WaitingMatter]:
    its = media_plans.c
    for row in connection.execute(select(media_plans).where(its.state == MediaState.SUBMITTED.value)):
        if seen.sees_dealer(row.dealer):
            month = Month(row.year, row.month)
            title = f"Media plan of {row.dealer} for {month}"
            yield WaitingMatter("media_plan", title, address_of(row.dealer, month), month.first, "director", row.dealer)


def _to_move(connection: Connection, seen: Visibility) -> Iterator[WaitingMatter]:
    for each in pending_reallocations(connection):
        if all(seen.sees_dealer(part.dealer) for part in each.transfers):
            title = f"Reallocation of {in_words(each.amount, each.currency)} in {each.month}"
            link = address_of(each.transfers[0].dealer, each.month)
            due = each.asked_at.date() + timedelta(days=2)
            yield WaitingMatter("reallocation", title, link, due, "director")


def _to_lay_out(
    connection: Connection, month: Month, today: date, plans: dict[int, MediaPlan], seen: Visibility
) -> Iterator[WaitingMatter]:
    """Of this month, and of the next one in its last week."""
    network = known_network(connection, seen)
    known = {(plan.dealer, plan.month): plan.state for plan in plans.values()}
    for of in [month, *([month.after] if month.last - today < _SOON else [])]:
        for dealer, budget in sorted(approved_budgets(connection, of).items()):
            is_open = known.get((dealer, of), MediaState.DRAFT) is MediaState.DRAFT
            if dealer in network.by_id and budget.amount and is_open:
                title = f"Budget of {network.by_id[dealer].shown_name} for {of} to lay out"
                yield WaitingMatter("lay_out", title, address_of(dealer, of), of.first, "planner", dealer)


def _to_cancel(connection: Connection, plans: dict[int, MediaPlan], today: date) -> Iterator[WaitingMatter]:
    for each in read_commitments(connection, list(plans)):
        if each.is_binding and each.cancel_by and today <= each.cancel_by <= today + _SOON:
            plan = plans[each.plan]
            title = f"Order {each.number} to {each.contractor} can be cancelled until {each.cancel_by}"
            yield WaitingMatter(
                "cancel_by", title, address_of(plan.dealer, plan.month), each.cancel_by, "planner", plan.dealer
            )


def _off(overview: Sequence[DealerMonth]) -> Iterator[WaitingMatter]:
    for each in overview:
        for warned in each.progress.warnings if each.progress else ():
            plan = each.progress.plan if each.progress else None
            if plan:
                title = f"{each.dealer.shown_name}, {plan.month}: {in_a_sentence(warned, plan.currency)}"
                yield WaitingMatter(
                    warned.kind.value, title, address_of(plan.dealer, plan.month), None, "planner", plan.dealer
                )
