"""The sample holding, small and always of the same days, with what people add to it: users, keys, views, troubles."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from api.bootstrap import Services
from api.calculator.asking import calculated, scoped
from api.cli.sample_holding import fill_with_sample
from api.cli.sample_media import lay_out_dealer
from api.recommend.asking import ask
from api.viewer import Viewer
from api.views.moments import EVERY_WORKDAY, Rhythm
from api.views.schedules import MailForm
from collectors.sources.register import new_token
from collectors.sources.source import Source
from infra.access.keys import Key
from infra.access.rights import EVERY_RIGHT, Right, UserRole
from infra.access.users import User
from infra.clock import FrozenClock
from infra.settings import read_settings
from planning.approval.approvals import ProposedNumber
from planning.approval.people import Person
from planning.benchmarks.figures import BusinessModel, ToldFigure
from planning.benchmarks.register import add_figure
from planning.calculator.question import CalculatorQuestion
from planning.calendar.events import EventKind, ToldEvent
from planning.dimensions import known_network
from planning.editing import Cell
from planning.grid import LineKey
from planning.hiring.candidates import ToldCandidate, add_candidate
from planning.importing.mapping import Choices
from planning.importing.register import ImportKind
from planning.importing.saying import say
from planning.importing.words import Role
from planning.media.commitments import Order
from planning.media.months import Month
from planning.plans import State, move
from planning.recommend.asked import Goal, Question
from planning.stock.levels import ToldLevel, keep_levels
from tests.api.sampled_work import sampled_work
from tests.migrated import lay_warehouse

NOW = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)
WORKDAY_MORNINGS = Rhythm(EVERY_WORKDAY, 0, 8)
DEALER = "chery-moscow-01"


@dataclass(frozen=True, slots=True)
class Sampled:
    """`names` fill in the addresses of pages that show one thing: `/dealers/{dealer}`."""

    services: Services
    names: dict[str, str]


@contextmanager
def sampled(folder: Path, *, dealers: int, months: int) -> Iterator[Sampled]:
    """Services that hold it, at `NOW`; the admin link's key is `r`."""
    lay_warehouse(folder)
    settings = read_settings(data=folder, write_key="w", api_key="r", load_interval_ms=1, _env_file=None)
    services = Services(settings, FrozenClock(NOW))
    try:
        fill_with_sample(services, dealers, months)
        yield Sampled(services, _names(services) | _add(services))
    finally:
        services.close()


def _names(services: Services) -> dict[str, str]:
    """Something of each kind that a page shows."""
    sale = _one(
        services,
        "select deal_id as name from deals where stage = 'sale' and kind = 'new_car' order by occurred_at desc limit 1",
    )
    lead = _one(services, "select id as name from leads where phone != '' order by created_at desc limit 1")
    visit = services.warehouse.rows(
        "select visitor_id, session_id from touches where session_id != '' order by occurred_at desc limit 1", {}
    )[0]
    number = services.visit_numbers.number_of(visit["visitor_id"], visit["session_id"])
    card = services.visits.link(number, NOW + timedelta(days=1)).rpartition("/")[2]
    return {"dealer": DEALER, "contractor": "board-pro", "sale": sale, "lead": lead, "visit": number, "card": card}


def _one(services: Services, sql: str) -> str:
    return str(services.warehouse.rows(sql, {})[0]["name"])


def _add(services: Services) -> dict[str, str]:
    """What a holding has after some weeks: people, keys, a saved view, sources, and items that were rejected."""
    user = services.users.add(
        User("anna@example.com", UserRole.DEALER_MARKETER, "Anna Petrova", dealers=(DEALER,)),
        "four words in a row",
        author="admin link",
    )
    services.users.add(User("oleg@example.com", UserRole.MARKETING_DIRECTOR, "Oleg Sokolov"), author="admin link")
    services.keys.add(Key("Power BI", frozenset({Right.REPORTS})), author="admin link")
    view = services.saved_views.save("Dealers this year", "/channels?by=dealer", viewer="admin link", shared=True)
    schedule = services.schedules.add(
        view.id, MailForm.XLSX, WORKDAY_MORNINGS, ["oleg@example.com"], viewer="admin link"
    )
    _connect(services)
    wrong = [{"id": f"fax-{n}", "kind": "fax", "created_at": "2026-11-15T10:00:00Z"} for n in range(3)]
    key = services.intake.accept("leads", wrong).rejected[0].key
    draft, plan = (str(each.id) for each in services.plans.all())
    event = _plan_media(services)
    _stock(services)
    question = CalculatorQuestion(dealer=DEALER, month="2026-12", budget=50_000.0)
    found = calculated(services, scoped(services, Viewer("admin link", frozenset()), question))
    scenario = services.scenarios.save("Less search", found.scoped.question, found.answer, author="admin link")
    return _ask(services) | {
        **sampled_work(services, DEALER),
        "activity": "3",
        "programme": "1",
        "plan": plan,
        "draft": draft,
        **_import(services, int(draft)),
        "event": event,
        "scenario": str(scenario.id),
        "recommendation": _recommend(services),
        "user": str(user.id),
        "view": view.id,
        "schedule": schedule.id,
        "rejection": key,
    }


def _plan_media(services: Services) -> str:
    """A budget of this month that is laid out, with an order and money that waits to move; the id of an event."""
    version = services.plans.create("November", 2026, month=11, currency="RUB", author="admin link")
    services.plan_editor.put(version.id, [Cell(LineKey("budget", DEALER), 11, 9_000_000)], author="admin link")
    with services.database.begin() as connection:
        for state in (State.SUBMITTED, State.APPROVED):
            move(connection, version.id, state, services.clock, author="admin link")
    lay_out_dealer(services, DEALER)
    month = Month(2026, 11)
    plan = services.media_plans.find(DEALER, month)
    assert plan is not None
    first, second = services.media_plans.items(plan.id)[:2]
    order = Order(
        "17/11", month.first, first.contractor, 1_000_00, "RUB", month.first, month.last, {first.id: None},
        cancel_by=month.last,
    )  # fmt: skip
    services.commitments.order(plan.id, order, author="admin link")
    services.reallocations.ask({second.id: -second.budget, first.id: second.budget}, author="admin link", why="cheaper")
    event = ToldEvent("Test drive days", EventKind.EVENT, month.first, month.last, DEALER)
    return str(services.calendar_events.add(event, author="admin link").id)


def _stock(services: Services) -> None:
    """Cars of a dealer, some on their way, a candidate, and a competitor's figure."""
    told = [ToldLevel(DEALER, "Tiggo 7 Pro", 12, {Month(2026, 12): 6}), ToldLevel(DEALER, "Tiggo 4 Pro", 2)]
    keep_levels(services.database, services.clock, told, services.today, author="oleg@example.com")
    claim = ToldCandidate("Ads & Sons", "paid_search", 500_000_00, "RUB", 2.5, 6)
    add_candidate(services.database, services.clock, claim, currency="RUB", author="oleg@example.com")
    figure = ToldFigure("Competitor", BusinessModel.NEW_INTERNET, "contact", "A mystery shopper", "2026-10", share=0.7)
    add_figure(services.database, services.clock, figure, services.today, author="oleg@example.com")


def _recommend(services: Services) -> str:
    """A split of December's usual spend."""
    usual = round(float(services.response().curves.usual.sum()) * 100)
    viewer = Viewer("oleg@example.com", EVERY_RIGHT)
    return str(ask(services, viewer, Question(Goal.BUDGET, float(usual), Month(2026, 12))).id)


def _ask(services: Services) -> dict[str, str]:
    """A plan that waits for approval; of two dealers, one sent it back with another number."""
    year = services.today.year + 2
    version = services.plans.create(f"Plan {year}", year, currency="RUB", author="oleg@example.com")
    with services.database.connect() as connection:
        others = [each.id for each in known_network(connection).dealers if each.id != DEALER]
    keys = {dealer: LineKey("sales", dealer, "new_car") for dealer in (DEALER, others[0])}
    services.plan_editor.put(version.id, [Cell(key, 3, 20) for key in keys.values()], author="oleg@example.com")
    services.approvals.submit(version.id, author="oleg@example.com")
    link = Person("admin link")
    of_dealer = {each.scope: each.id for each in services.approvals.of_version(version.id, person=link)}
    less = [ProposedNumber(keys[others[0]], 3, 15, 20)]
    services.approvals.send_back(of_dealer[others[0]], person=link, comment="Five too many.", numbers=less)
    return {"asked": str(version.plan), "approval": str(of_dealer[DEALER])}


def _import(services: Services, plan: int) -> dict[str, str]:
    """A table that waits to be confirmed, and a file that is none."""
    months = ";".join(f"{number:02}.{services.plans.get(plan).year}" for number in range(1, 13))
    rows = [f"Dealer;Measure;{months};Total", f"{DEALER};Leads{';50' * 12};601", f"Moscow one;Visits{';9' * 12};108"]
    names = []
    for data in ("\n".join(rows).encode(), b"%PDF-1.7"):
        taken = services.plan_imports.take(plan, ImportKind.PLAN, "plan.csv", data, author="admin link")
        services.import_reader.take_up(taken.id)
        services.import_reader.wait(taken.id, 60)
        names.append(taken.id)
    found = services.plan_imports.get(plan, names[0], viewer="admin link")
    said = Choices(names={Role.DEALER: {"Moscow one": DEALER}})
    say(services.database, services.clock, found, said, author="admin link", based_on=found.revision)
    services.import_reader.take_up(found.id)
    services.import_reader.wait(found.id, 60)
    return {"import": str(names[0]), "failed_import": str(names[1])}


def _connect(services: Services) -> None:
    for key, vendor in (("avito-moscow", "avito"), ("mango", "mango"), ("vk-ads", "vk_ads")):
        source = Source(key, vendor, new_token(), ZoneInfo("Europe/Moscow"))
        services.sources.connect(source, author="admin link", next_pull_at=None)
        services.progress.note_events(key, accepted=len(key) * 1_234, rejected=0)
    services.progress.fail_pull("vk-ads", "The token has ended.", not_before=timedelta(minutes=5))
