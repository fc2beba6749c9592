"""Co-op funds of the sample holding: a brand's importer pays a half, and activities stand at every step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

from api.bootstrap import Services
from attribution.visibility import EVERYTHING
from planning.desk import Desk
from planning.funds.activity import PROOF, Activity
from planning.funds.asking import NewFile, ask, claim
from planning.funds.dealers import fund_dealers
from planning.funds.deciding import Decision, decide
from planning.funds.documents import ActivityTold, ClaimTold, Invoice, ProgrammeTold, PurchaseTold, Rule
from planning.funds.programme_register import add_programme
from planning.funds.purchases import enter_purchases
from planning.funds.quarters import quarter_of
from planning.funds.states import Act
from planning.funds.stepping import Asked

_PAYER, _DEALER = "sample importer", "sample"
_MOST_DEALERS = 12
_BOUGHT = 40_000_000
_DEALERS_DIFFER = 6_500_000


@dataclass(frozen=True, slots=True)
class _Wish:
    """So many days ago it began, and so many steps on the way to the money it has gone."""

    title: str
    channel: str
    cost: int
    days_ago: int
    steps: int


_WISHES = (
    _Wish("Billboards, spring", "outdoor", 420_000, 60, 4),
    _Wish("Radio, test drives", "radio", 260_000, 45, 3),
    _Wish("Brand search", "paid_search", 180_000, 40, 2),
    _Wish("Leaflets at the mall", "print", 90_000, 20, 1),
    _Wish("Local TV", "tv", 350_000, -14, 0),
)


def fund_the_sample(services: Services, today: date) -> None:
    """Nothing where no dealer has a brand."""
    desk = services.desk
    with services.database.connect() as connection:
        dealers = [each for each in fund_dealers(connection, EVERYTHING) if each.brand]
    if not dealers:
        return
    brand = dealers[0].brand
    of_brand = [each.id for each in dealers if each.brand == brand][:_MOST_DEALERS]
    quarter = quarter_of(today)
    told = ProgrammeTold(
        name=f"{brand} {quarter.year}",
        payer=f"{brand}, importer",
        first_quarter=str(quarter.after(-1)),
        last_quarter=str(quarter.after(3)),
        carry_quarters=2,
        rules=(Rule(brand=brand, percent=Decimal("1.5")),),
    )
    programme = add_programme(desk, told, author=_PAYER).id
    bought = [
        PurchaseTold(dealer=dealer, quarter=str(each), amount=Decimal(_BOUGHT + place * _DEALERS_DIFFER))
        for place, dealer in enumerate(of_brand)
        for each in (quarter.after(-1), quarter)
        if each.first_day <= desk.today
    ]
    enter_purchases(desk, programme, bought, author=_PAYER)
    for place, wish in enumerate(_WISHES):
        _go(desk, programme, of_brand[place % len(of_brand)], wish, today)


def _go(desk: Desk, programme: int, dealer: str, wish: _Wish, today: date) -> None:
    first_day = max(today - timedelta(days=wish.days_ago), quarter_of(today).after(-1).first_day)
    told = ActivityTold(
        title=wish.title,
        channel=wish.channel,
        first_day=first_day,
        last_day=first_day + timedelta(days=13),
        cost=Decimal(wish.cost),
    )
    activity = ask(desk, programme, dealer, told, Asked(_DEALER, EVERYTHING, 0))
    steps: tuple[Callable[[Desk, Activity], Activity], ...] = (_approve, _claim, _settle, _pay)
    for step in steps[: wish.steps]:
        activity = step(desk, activity)


def _approve(desk: Desk, activity: Activity) -> Activity:
    return _decide(desk, activity, Decision(act=Act.APPROVE, revision=activity.revision))


def _claim(desk: Desk, activity: Activity) -> Activity:
    net = Decimal(activity.cost).scaleb(-2)
    invoice = Invoice(number=f"{activity.id}-1", day=activity.first_day, net=net, vat=net / 5)
    proof = NewFile("invoice.txt", desk.files.keep(BytesIO(f"Invoice {activity.id}-1".encode())), PROOF)
    asked = Asked(_DEALER, EVERYTHING, activity.revision)
    return claim(desk, activity.id, ClaimTold(invoices=(invoice,)), asked, [proof])


def _settle(desk: Desk, activity: Activity) -> Activity:
    told = Decision(act=Act.SETTLE, revision=activity.revision, percent=90, comment="One week was not on air.")
    return _decide(desk, activity, told)


def _pay(desk: Desk, activity: Activity) -> Activity:
    return _decide(desk, activity, Decision(act=Act.PAY, revision=activity.revision, payment=f"PP {activity.id}"))


def _decide(desk: Desk, activity: Activity, told: Decision) -> Activity:
    return decide(desk, activity.id, told, Asked(_PAYER, EVERYTHING, activity.revision))
