"""What a dealer's marketer and a contractor are shown, on pages and over HTTP: nothing of anybody else's."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from api.credentials import COOKIE
from infra.access.keys import Key
from infra.access.rights import Right, UserRole
from infra.access.users import User
from tests.attribution.world import World, lead, spend, stage, visit
from tests.told import told_services

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
PERIOD = {"from": "2026-01-01", "to": "2026-01-31"}
DEALERS, CONTRACTORS = ("Northgate", "Southpark"), ("Acme-Ads", "Bravo-Ads")
REPORTS = [
    "/api/reports/romi?by=dealer", "/api/reports/romi?by=contractor", "/api/reports/romi?by=dealer,campaign",
    "/api/reports/dealers?measures=romi", "/api/reports/contractors?x=1", "/api/reports/funnel?by=dealer",
    "/api/reports/lost-leads?by=dealer", "/api/reports/calls?by=dealer", "/api/reports/cohorts?by=dealer",
    "/api/reports/open-deals?by=dealer", "/api/reports/maturity?by=month", "/api/reports/self-reported?x=1",
    "/api/overview?x=1", "/api/notices?x=1", "/api/dimensions?x=1", "/odata/Facts?$top=50", "/odata/Dealers?$top=50",
    "/odata/Contractors?$top=50", "/overview?x=1", "/channels?by=dealer", "/channels?by=contractor,campaign",
    "/channels/models?by=dealer", "/channels/conversions?x=1", "/dealers?x=cpl", "/contractors?x=1", "/funnel?x=1",
    "/managers?x=1", "/journeys?x=1", "/customers?x=1", "/api/response-curves?x=1", "/response-curves?x=1",
]  # fmt: skip
WITHOUT_NAMES = (
    "/api/notices",
    "/api/dimensions",
    "/api/reports/maturity",
    "/api/reports/self",
    "/api/reports/calls",
    "/api/reports/open-deals",
    "/funnel",
    "/journeys",
)


def days(address: str) -> str:
    """The feed takes no days: it filters by them."""
    return "" if address.startswith("/odata") else "&from=2026-01-01&to=2026-01-31"


def tell(world: World) -> None:
    """Of each dealer and each contractor the same."""
    told = [(f"{n}", DEALERS[n % 2], CONTRACTORS[n // 2 % 2]) for n in range(8)]
    world.tell({
        "touches": [
            visit(f"t{n}", f"v{n}", 2, campaign=f"of {contractor}", contractor=contractor, dealer=dealer)
            for n, dealer, contractor in told
        ],
        "leads": [lead(f"l{n}", 3, visitor_id=f"v{n}", dealer=dealer) for n, dealer, _ in told],
        "deals": [
            stage(f"d{n}", "sale", 9, visitor_id=f"v{n}", dealer=dealer, amount=1000, margin=300)
            for n, dealer, _ in told
        ],
        "spend": [
            spend("2026-01-01", "2026-01-10", 100, "yandex", dealer=dealer, contractor=contractor)
            for _, dealer, contractor in told
        ],
    })  # fmt: skip
    world.attribute()


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with told_services(tmp_path_factory.mktemp("limited"), tell, NOW) as opened:
        yield opened


@pytest.fixture(scope="module")
def app_client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as opened:
        yield opened


@pytest.fixture
def client(app_client: TestClient) -> TestClient:
    """Who is nobody yet."""
    app_client.cookies.clear()
    return app_client


@pytest.mark.parametrize("address", REPORTS)
def test_the_director_sees_both(client: TestClient, address: str) -> None:
    """Else the tests below would pass on empty answers."""
    answer = client.get(address + days(address), headers={"Authorization": "Bearer r"})
    assert answer.status_code == 200, answer.text
    if not address.startswith(WITHOUT_NAMES):
        assert any(name in answer.text for name in (*DEALERS, *CONTRACTORS))


@pytest.mark.parametrize("address", REPORTS)
@pytest.mark.parametrize(("user", "foreign"), [
    (User("d@example.com", UserRole.DEALER_MARKETER, dealers=("Northgate",)), "Southpark"),
    (User("c@example.com", UserRole.CONTRACTOR, contractors=("Acme-Ads",)), "Bravo-Ads"),
])  # fmt: skip
def test_nothing_of_others_is_shown(
    services: Services, client: TestClient, user: User, foreign: str, address: str
) -> None:
    known = services.users.by_email(user.email) or services.users.add(user, author="t")
    client.cookies.set(COOKIE, services.sessions.begin(known))
    for asked in ("", f"&where=dealer:{foreign}|x,-contractor:x", f"&where=contractor:{foreign}"):
        answer = client.get(f"{address}{asked}{days(address)}")
        assert answer.status_code in (200, 400, 403, 422), answer.text
        text = answer.text
        rows = text.partition("<tbody")[2] if "<html" in text else text
        if not asked:
            assert foreign not in text
        elif answer.status_code == 200 and "/api/reports/romi" in address:
            assert answer.json()["totals"]["cost"] in (0, None), answer.text
        elif answer.status_code == 200:
            assert foreign not in rows.replace(f"dealer:{foreign}", "").replace(f"contractor:{foreign}", "")


def test_figures_are_those_of_ones_own(services: Services, client: TestClient) -> None:
    _, secret = services.keys.add(Key("dealer", frozenset({Right.REPORTS}), dealers=("Northgate",)), author="t")
    own = client.get("/api/reports/romi", params=PERIOD, headers={"Authorization": f"Bearer {secret}"}).json()
    whole = client.get("/api/reports/romi", params=PERIOD, headers={"Authorization": "Bearer r"}).json()
    asked = {**PERIOD, "where": "dealer:Northgate"}
    north = client.get("/api/reports/romi", params=asked, headers={"Authorization": "Bearer r"}).json()
    assert own["totals"] == north["totals"]
    assert (own["totals"]["cost"], whole["totals"]["cost"]) == (200, 400)
    feed = client.get("/odata/Facts", headers={"Authorization": f"Bearer {secret}"}).json()
    assert {row["Dealer"] for row in feed["value"]} == {"Northgate"}


def test_an_answer_that_is_kept_is_not_told_to_others(services: Services, client: TestClient) -> None:
    """The overview keeps its answers while a run is the newest."""
    _, secret = services.keys.add(Key("dealer", frozenset({Right.REPORTS}), dealers=("Southpark",)), author="t")
    for headers, names in (
        ({"Authorization": "Bearer r"}, set(DEALERS)),
        ({"Authorization": f"Bearer {secret}"}, {"Southpark"}),
    ):
        told = client.get("/api/overview", params=PERIOD, headers=headers).json()
        of_dealers = next(each for each in told["standings"] if each["by"] == "dealer")
        assert {row["name"] for row in of_dealers["best"] + of_dealers["worst"]} == names
