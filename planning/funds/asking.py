"""The dealer's side: ask for an activity, ask again after a comment, claim it when it has run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, select

from attribution.reference import contractors
from infra.audit import note_change
from infra.errors import InvalidInput
from planning.desk import Desk
from planning.files import Content, StoredFile
from planning.funds.activity import CREATIVE, PROOF, Activity, activity_of, find_activity
from planning.funds.dealers import fund_dealer
from planning.funds.documents import ActivityTold, ClaimTold, Invoice
from planning.funds.programme import Programme
from planning.funds.programme_register import find_programme
from planning.funds.states import Act, State
from planning.funds.stepping import Asked, Step, note_step, stepping
from planning.funds.tables import fund_activities, fund_claims
from planning.money import check_currency, part_of, told_amount, units_of

PURPOSES = (CREATIVE, PROOF)


@dataclass(frozen=True, slots=True)
class NewFile:
    """Bytes that are durable already, with the name that people know them by."""

    name: str
    content: Content
    purpose: str


def ask(
    desk: Desk, programme: int, dealer: str, told: ActivityTold, asked: Asked, files: Sequence[NewFile] = ()
) -> Activity:
    """A new activity, which waits for the payer. Raises `InvalidInput`, `NotFound`."""
    with desk.engine.begin() as connection:
        of = find_programme(connection, programme, held=True)
        known = fund_dealer(connection, dealer, asked.seen)
        if of.told.is_closed:
            raise InvalidInput(
                f"The programme {of.told.name!r} is closed.", where="programme", help="Choose one that is open."
            )
        if not of.takes_in(known):
            raise InvalidInput(
                f"{known.title} does not take part in {of.told.name!r}.",
                where="dealer",
                help="Ask the payer to add a rule for the dealer, or choose another programme.",
            )
        now = desk.clock.now()
        row = {
            **_row(connection, of, told),
            "programme": programme,
            "dealer": dealer,
            "state": State.ASKED.value,
            "payment": "",
            "asked_by": asked.author,
            "asked_at": now,
            "state_since": now,
            "revision": 1,
            "changed_by": asked.author,
            "changed_at": now,
        }
        made = activity_of(connection.execute(insert(fund_activities).returning(fund_activities), row).one())
        note_step(connection, made, Act.ASK, asked, made.wanted)
        after = orjson.dumps(made.as_dict()).decode()
        note_change(connection, desk.clock, who=asked.author, what=f"fund activity {made.id}", after=after)
        _attach(connection, desk, made, files, asked.author)
    return made


def ask_again(desk: Desk, key: int, told: ActivityTold, asked: Asked, files: Sequence[NewFile] = ()) -> Activity:
    """With what is told now. Raises `InvalidInput`, `NotFound`, `Conflict`."""
    with stepping(desk, key, Act.ASK, asked) as step:
        row = _row(step.connection, step.programme, told)
        after = step.take(amount=part_of(row["cost"], Decimal(told.share)), **row)
        _attach(step.connection, desk, after, files, asked.author)
    return after


def claim(desk: Desk, key: int, told: ClaimTold, asked: Asked, files: Sequence[NewFile] = ()) -> Activity:
    """What the activity came to, with proof. Raises `InvalidInput`, `NotFound`, `Conflict`."""
    with stepping(desk, key, Act.CLAIM, asked) as step:
        _check_claim_day(step)
        _attach(step.connection, desk, step.activity, files, asked.author)
        if not desk.files.list(step.connection, step.activity.subject, PROOF):
            raise InvalidInput(
                "There is no proof yet.", where="file", help="Attach the invoice, or a screenshot, as a proof."
            )
        net, vat = _sums(step, told)
        payable = _payable(step, net, vat)
        after = step.take(amount=payable, payable=payable)
        row = {
            "activity": key,
            "number": _next_number(step.connection, key),
            "net": net,
            "vat": vat,
            "payable": payable,
            "invoices": [invoice.model_dump(mode="json", exclude={"currency"}) for invoice in told.invoices],
            "comment": told.comment,
            "at": after.changed_at,
            "author": asked.author,
        }
        step.connection.execute(insert(fund_claims), row)
    return after


def attach(desk: Desk, key: int, file: NewFile, asked: Asked) -> StoredFile:
    """A file beside what stands there already, while the activity is not over. Raises `InvalidInput`, `NotFound`."""
    if file.purpose not in PURPOSES:
        raise InvalidInput(
            f"{file.purpose!r} is no purpose of a file.", where="purpose", help=f"Choose of {', '.join(PURPOSES)}."
        )
    with desk.engine.begin() as connection:
        activity = find_activity(connection, key, asked.seen)
        if activity.state.is_over:
            raise InvalidInput(
                "The activity is over: its files stay as they are.", where="state", help="Ask for another activity."
            )
        (kept,) = _attach(connection, desk, activity, [file], asked.author)
    return kept


def claims_of(connection: Connection, activity: int) -> list[dict[str, Any]]:
    """The newest first; amounts in minor units, moments in UTC."""
    its = fund_claims.c
    rows = select(fund_claims).where(its.activity == activity).order_by(its.number.desc())
    return [dict(row) for row in connection.execute(rows).mappings()]


def _row(connection: Connection, programme: Programme, told: ActivityTold) -> dict[str, Any]:
    _check_days(programme, told)
    check_currency(told.currency, programme.currency)
    if told.share > programme.told.share:
        raise InvalidInput(
            f"The programme pays {programme.told.share} % of an activity at most.",
            where="share",
            help=f"Ask for {programme.told.share} % or less.",
        )
    if told.contractor and not connection.scalar(select(contractors.c.id).where(contractors.c.id == told.contractor)):
        raise InvalidInput(
            f"There is no contractor {told.contractor!r}.",
            where="contractor",
            help="Choose one of the reference data, or leave it empty and name it in the description.",
        )
    return {**told.model_dump(exclude={"cost", "currency"}), "cost": units_of(told.cost, "cost")}


def _check_days(programme: Programme, told: ActivityTold) -> None:
    first, last = programme.told.quarters[0].first_day, programme.last_day()
    if told.first_day < first or (last and told.first_day > last):
        until = f" to {last}" if last else " on"
        raise InvalidInput(
            f"The programme pays for activities that begin from {first}{until}.",
            where="first_day",
            help="Correct the days, or choose another programme.",
        )


def _check_claim_day(step: Step) -> None:
    today, activity = step.desk.today, step.activity
    if today < activity.first_day:
        raise InvalidInput(
            f"The activity begins on {activity.first_day}.", where="state", help="Claim it when it has run."
        )
    if activity.claim_until and today > activity.claim_until:
        late = today - activity.claim_until
        raise InvalidInput(
            f"The deadline for claims was {activity.claim_until}, {late // timedelta(days=1)} days ago.",
            where="claim_until",
            help="Ask the payer to extend it, with the reason why the claim is late.",
        )


def _sums(step: Step, told: ClaimTold) -> tuple[int, int]:
    """Of all invoices, without VAT and of VAT."""
    for invoice in told.invoices:
        _check_invoice(step, invoice)
    return (
        sum(units_of(each.net, "net") for each in told.invoices),
        sum(units_of(each.vat, "vat") for each in told.invoices),
    )


def _check_invoice(step: Step, invoice: Invoice) -> None:
    check_currency(invoice.currency, step.programme.currency)
    if invoice.day > step.desk.today:
        raise InvalidInput(
            f"The invoice {invoice.number} is of {invoice.day}, which is still to come.",
            where="day",
            help="Correct its day.",
        )
    if invoice.vat > invoice.net:
        raise InvalidInput(
            f"The VAT of the invoice {invoice.number} is more than its amount without VAT.",
            where="vat",
            help="Write the amount without VAT first, and the VAT that stands beside it second.",
        )


def _payable(step: Step, net: int, vat: int) -> int:
    """The approved share of what was spent, and no more than is reserved."""
    spent = net + vat if step.programme.told.pays_vat else net
    reserved = step.posting.reserved_for(step.activity.id)
    held = sum(bucket.reserved for bucket in reserved.values())
    payable = min(part_of(spent, Decimal(step.activity.approved_share or 0)), held)
    if payable <= 0:
        raise InvalidInput(
            f"Of {told_amount(spent):.2f} nothing can be paid.", where="net", help="Check the amounts of the invoices."
        )
    return payable


def _next_number(connection: Connection, activity: int) -> int:
    its = fund_claims.c
    return (connection.scalar(select(func.max(its.number)).where(its.activity == activity)) or 0) + 1


def _attach(
    connection: Connection, desk: Desk, activity: Activity, files: Sequence[NewFile], author: str
) -> list[StoredFile]:
    return [
        desk.files.attach(connection, activity.subject, each.content, each.name, author=author, purpose=each.purpose)
        for each in files
    ]
