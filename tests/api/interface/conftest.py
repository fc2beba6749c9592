"""A small holding at a real address, with something of everything that an operation may name."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.bootstrap import Services
from api.viewer import API_KEY
from api.views.moments import EVERY_WORKDAY, Rhythm
from attribution.visibility import EVERYTHING
from collectors.sources.source import Source
from infra.access.keys import Key
from infra.access.rights import Right, UserRole
from infra.access.users import User
from planning.benchmarks.figures import BusinessModel, ToldFigure
from planning.benchmarks.register import add_figure
from planning.calculator.question import CalculatorQuestion
from planning.calendar.events import EventKind, ToldEvent
from planning.funds.activity import PROOF
from planning.funds.asking import NewFile, ask, attach
from planning.funds.documents import ActivityTold, ProgrammeTold, Rule
from planning.funds.programme_register import add_programme
from planning.funds.stepping import Asked
from planning.hiring.candidates import ToldCandidate, add_candidate
from planning.importing.register import ImportKind
from planning.media.months import Month
from planning.recommend.advising import advise
from tests.api.interface.trying import Kept
from tests.api.interface.work_kept import work_kept
from tests.api.live import listening
from tests.attribution.world import World, call, lead, spend, stage, visit
from tests.planning.recommend.responses import MEASURED, of_usual, response
from tests.told import told_services


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with told_services(tmp_path_factory.mktemp("interface") / "data", _tell, requests_per_minute=10**6) as opened:
        yield opened


def _tell(world: World) -> None:
    world.refer(dealers=[{"id": "north", "name": "North"}], contractors=[{"id": "agency", "name": "Agency"}])
    world.tell({
        "touches": [visit(f"t{n}", f"v{n}", n, ("yandex", "vk")[n % 2]) for n in range(9)],
        "leads": [lead(f"l{n}", n + 0.2, visitor_id=f"v{n}", dealer=("north", "south")[n % 2]) for n in range(9)],
        "calls": [call("c1", 3, "+74950000001", dealer="north")],
        "deals": [stage(f"d{n}", "sale", n + 3, visitor_id=f"v{n}", amount=10, margin=3) for n in range(4)],
        "spend": [spend("2026-01-01", "2026-01-10", 100, "yandex")],
    })  # fmt: skip
    world.attribute()


_OF_PLANS = (
    "", "/versions", "/compare", "/fact", "/versions/{number}", "/versions/{number}/cells", "/versions/{number}/split",
    "/versions/{number}/undo", "/versions/{number}/targets", "/versions/{number}/service-visits",
    "/versions/{number}/forecast", "/facts", "/export", "/template", "/imports",
)  # fmt: skip
_OF_MEDIA_PLANS = (
    "", "/items", "/layout", "/submit", "/approve", "/return", "/reopen", "/actuals", "/changes", "/commitments",
)  # fmt: skip


def _named_in(path: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f"{{{name}}}" in path}


_OF_ACTIVITIES = ("", "/decisions", "/claims", "/files")
_OF_PROGRAMMES = ("", "/purchases", "/adjustments")


def _fund(services: Services) -> tuple[int, int]:
    """The numbers of an activity that a fund is asked for, and of a file of it."""
    desk = services.desk
    told = ProgrammeTold(
        name="Fund", payer="Importer", first_quarter="2026-Q1", last_quarter="2026-Q4", rules=(Rule(amount=Decimal(9)),)
    )
    programme = add_programme(desk, told, author="test").id
    day = date(2026, 6, 1)
    wish = ActivityTold(title="Radio", channel="radio", first_day=day, last_day=day, cost=Decimal(5))
    asked = Asked("test", EVERYTHING, 0)
    made = ask(desk, programme, "north", wish, asked)
    proof = NewFile("proof.txt", desk.files.keep(BytesIO(b"proof")), PROOF)
    return made.id, attach(desk, made.id, proof, asked).id


def _recommended(services: Services) -> int:
    known = response(("north",))
    advice = advise(known, MEASURED, of_usual(known), {})
    return services.recommendations.keep(advice, run=1, currency="RUB", author="test").id


@pytest.fixture(scope="module")
def kept(services: Services) -> Kept:
    """Something that operations may name, by their paths."""
    source = Source("till", "webhook", "t0ken", ZoneInfo("UTC"), settings={"preset": "tilda_forms"})
    services.sources.connect(source, author="test", next_pull_at=None)
    user = services.users.add(User("ivan@example.com", UserRole.ANALYST), author="test")
    key, _secret = services.keys.add(Key("reader", frozenset({Right.REPORTS})), author="test")
    view = services.saved_views.save("Overview", "/overview", viewer=API_KEY)
    rhythm = Rhythm(EVERY_WORKDAY, 0, 9)
    schedule = services.schedules.add(view.id, "xlsx", rhythm, ["ivan@example.com"], viewer=API_KEY, paused=True)
    plan = services.plans.create("Plan", 2027, currency="RUB", author="test").plan
    of_plan = {"plan": plan, "number": 1}
    media = services.media_plans.open("north", Month(2026, 7), author="test", currency="RUB").id
    told = ToldEvent("Open day", EventKind.EVENT, date(2026, 7, 1), date(2026, 7, 2))
    event = services.calendar_events.add(told, author="test").id
    activity, file = _fund(services)
    answer = {"currency": "RUB", "channels": [], "totals": {}}
    question = CalculatorQuestion(dealer="north", month="2026-07")
    scenario = {"key": services.scenarios.save("Less", question, answer, author="test").id}
    taken = services.plan_imports.take(plan, ImportKind.PLAN, "plan.csv", b"dealer;sales\n", author=API_KEY)
    of_import = {"plan": plan, "key": taken.id}
    claim = ToldCandidate("New", "paid_search", 100_00, "RUB", 1.5)
    candidate = add_candidate(services.database, services.clock, claim, currency="RUB", author="test").id
    heard = ToldFigure("Competitor", BusinessModel.NEW_PHONE, "contact", "Interview", "2026-05", share=0.7)
    figure = add_figure(services.database, services.clock, heard, services.today, author="test").id
    return Kept({
        "/api/hiring/{key}": {"key": candidate},
        "/api/benchmarks/{key}": {"key": figure},
        **work_kept(services),
        **{f"/api/plans/{{plan}}/imports/{{key}}{rest}": of_import for rest in ("", "/choices", "/confirm")},
        **{path: _named_in(path, of_plan) for path in (f"/api/plans/{{plan}}{rest}" for rest in _OF_PLANS)},
        **{f"/api/funds/activities/{{key}}{rest}": {"key": activity} for rest in _OF_ACTIVITIES},
        **{f"/api/funds/programmes/{{key}}{rest}": {"key": 1} for rest in _OF_PROGRAMMES},
        "/api/files/{key}": {"key": file},
        **{f"/api/media-plans/{{key}}{rest}": {"key": media} for rest in _OF_MEDIA_PLANS},
        **{f"/api/calculator/scenarios/{{key}}{rest}": scenario for rest in ("", "/media-plan")},
        "/api/media-plans/calendar/{key}": {"key": event},
        **{f"/api/recommendations/{{key}}{rest}": {"key": _recommended(services)} for rest in ("", "/apply")},
        "/hooks/{slug}/{token}": {"slug": "webhook", "token": "t0ken"},
        "/api/users/{key}": {"key": user.id},
        "/api/users/{key}/password": {"key": user.id},
        "/api/keys/{key}": {"key": key.id},
        "/api/views/{key}": {"key": view.id},
        "/api/schedules/{key}": {"key": schedule.id},
        "/api/schedules/{key}/send": {"key": schedule.id},
        "/api/measures/{name}": {"name": "profit_per_sale"},
        "/snowplow/{key}/i": {"key": "w"},
        "/snowplow/{key}/com.snowplowanalytics.snowplow/tp2": {"key": "w"},
    })  # fmt: skip


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    with listening(services) as place:
        yield place
