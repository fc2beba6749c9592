"""What tests of funds do again and again."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from attribution.visibility import EVERYTHING, Visibility
from planning.desk import Desk
from planning.funds.activity import PROOF, Activity
from planning.funds.asking import NewFile, ask, claim
from planning.funds.balances import Balance, balances
from planning.funds.deciding import Decision, decide
from planning.funds.documents import ActivityTold, ClaimTold, Invoice, ProgrammeTold, Rule
from planning.funds.states import Act
from planning.funds.stepping import Asked

BEGIN = datetime(2027, 2, 10, 9, tzinfo=UTC)
RULES = (Rule(brand="Lada", percent=Decimal(2)), Rule(dealer="north", amount=Decimal(100_000)))
LADA = ProgrammeTold(
    name="Lada 2027", payer="Importer", first_quarter="2027-Q1", last_quarter="2027-Q2", carry_quarters=0, share=80,
    rules=RULES,
)  # fmt: skip
INVOICE = Invoice(number="17", day=date(2027, 2, 1), net=Decimal(100_000), vat=Decimal(20_000))


def activity(**told: Any) -> ActivityTold:
    """Of 100 000, of which half is asked for."""
    usual: dict[str, Any] = {
        "title": "Spring", "channel": "outdoor", "first_day": date(2027, 2, 1), "last_day": date(2027, 2, 28),
        "cost": Decimal(100_000), "share": 50,
    }  # fmt: skip
    return ActivityTold(**{**usual, **told})


def by(author: str, based_on: int = 1, comment: str = "", seen: Visibility = EVERYTHING) -> Asked:
    return Asked(author, seen, based_on, comment)


def asked(desk: Desk, programme: int, dealer: str = "north", **told: Any) -> Activity:
    return ask(desk, programme, dealer, activity(**told), by("anna"))


def decided(desk: Desk, of: Activity, act: Act, **told: Any) -> Activity:
    return decide(desk, of.id, Decision(act=act, revision=of.revision, **told), by("importer"))


def proof(desk: Desk, content: bytes = b"%PDF-1.7 invoice") -> NewFile:
    return NewFile("invoice.pdf", desk.files.keep(io.BytesIO(content)), PROOF)


def claimed(desk: Desk, of: Activity, *invoices: Invoice) -> Activity:
    told = ClaimTold(invoices=invoices or (INVOICE,))
    return claim(desk, of.id, told, by("anna", of.revision), [proof(desk)])


def balance(desk: Desk, dealer: str = "north") -> Balance:
    with desk.engine.connect() as connection:
        (found,) = [each for each in balances(connection, desk, EVERYTHING) if each.dealer.id == dealer]
    return found


def figures(desk: Desk, dealer: str = "north") -> tuple[int, int, int, int, int]:
    """Earned, reserved, settled, expired and available, in whole units."""
    total = balance(desk, dealer).total
    return (
        total.earned // 100, total.reserved // 100, total.settled // 100, total.expired // 100, total.available // 100,
    )  # fmt: skip
