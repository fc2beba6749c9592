"""Measures, dimensions and noise rules are changed on pages; what the environment sets is shown."""

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from attribution.definitions import Kind
from attribution.noise.rule_sets import current_noise_rules
from attribution.noise.rules import Action, Reason
from infra.access.rights import UserRole
from tests.api.forms import come_as, come_as_admin, post


def test_a_measure_is_defined_changed_and_removed(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    told = {"name": "profit_per_sale", "title": "Profit", "unit": "", "formula": "(margin - cost) / sales"}
    assert "It is defined" in post(client, "/settings/measures", told).text
    page = client.get("/settings/measures", params={"name": "profit_per_sale"}).text
    assert 'value="(margin - cost) / sales"' in page
    wrong = post(client, "/settings/measures", told | {"formula": "margin / lead"})
    assert wrong.status_code == 422
    assert "Is leads meant?" in wrong.text
    assert 'value="margin / lead"' in wrong.text
    post(client, "/settings/measures", told | {"formula": "margin / sales"})
    assert services.definitions.catalog().versions["profit_per_sale"] == 2
    assert "It is removed" in post(client, "/settings/measures/profit_per_sale/remove", {}).text
    assert post(client, "/settings/measures/profit_per_sale/remove", {}).status_code == 404


def test_a_dimension_is_defined_and_removed(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    assert "&#34;otherwise&#34;" in client.get("/settings/dimensions").text
    told = {"name": "loan", "body": '{"property": "loan"}'}
    assert "the property loan" in post(client, "/settings/dimensions", told).text
    for body in ("{", "[]", '{"rules": [], "property": ""}'):
        assert post(client, "/settings/dimensions", told | {"body": body}).status_code == 422
    assert "It is removed" in post(client, "/settings/dimensions/loan/remove", {}).text


def rows(*lines: tuple[str, str, str, str]) -> dict[str, list[str]]:
    return {name: [line[at] for line in lines] for at, name in enumerate(("value", "dimension", "how", "wanted"))}


def test_a_dimension_is_defined_by_rows(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    told = rows(
        ("small", "product", "matches", "vesta|granta"), ("", "city", "is one of", 'Moscow, "Tula, the city"'),
        ("", "", "matches", ""), ("all else", "", "matches", ""),
    )  # fmt: skip
    named = {"name": "size", "otherwise": "none"}
    moved = post(client, "/settings/dimensions", told | named | {"do": "up 3"}).text
    assert moved.index('value="all else"') > moved.index('value="small"')
    assert moved.count('name="wanted"') == 4
    assert services.definitions.in_force(Kind.DIMENSION) == [], "a button that moves a line keeps nothing"
    assert "It is defined" in post(client, "/settings/dimensions", told | named | {"do": "keep"}).text
    body = {
        "rules": [
            {"value": "small", "when": {"product": "vesta|granta", "city": ["Moscow", "Tula, the city"]}},
            {"value": "all else"},
        ],
        "otherwise": "none",
    }
    (kept,) = services.definitions.in_force(Kind.DIMENSION)
    assert kept.body == body
    page = client.get("/settings/dimensions", params={"name": "size"}).text
    assert "Moscow, &#34;Tula, the city&#34;" in page
    again = rows(
        ("small", "product", "matches", "vesta|granta"), ("", "city", "is one of", 'Moscow, "Tula, the city"'),
        ("all else", "", "matches", ""),
    )  # fmt: skip
    post(client, "/settings/dimensions", again | named | {"do": "keep"})
    assert services.definitions.catalog().versions["size"] == 1, "what the page shows says the same"
    by_property = {"name": "loan", "property": "loan", "do": "keep"}
    assert "the property loan" in post(client, "/settings/dimensions", by_property).text


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([("", "product", "matches", "x")], "Line 1 needs a value"),
        ([("a", "product", "matches", "")], "Line 1 needs both"),
        ([("a", "product", "matches", "x"), ("", "product", "matches", "y")], "Line 2 names a dimension"),
        ([("a", "colour", "matches", "x")], "there is no dimension &#39;colour&#39;"),
        ([("a", "product", "matches", "(x")], "The definition cannot be taken"), ([], "either `rules` or a `property`"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_rows_is_said_and_kept_in_the_form(
    services: Services, client: TestClient, lines: list[tuple[str, str, str, str]], said: str
) -> None:
    come_as_admin(client)
    answer = post(client, "/settings/dimensions", rows(*lines) | {"name": "size", "do": "keep"})
    assert answer.status_code == 422
    assert said in answer.text
    assert answer.text.count('name="wanted"') == len(lines)
    assert services.definitions.in_force(Kind.DIMENSION) == []


def test_noise_rules_are_changed(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    assert "These are the rules that ship" in client.get("/settings/noise").text
    told = {"reason": ["bot", "call_flood"], "bot-action": "flag", "call_flood-action": "exclude",
            "call_flood-most": "9", "call_flood-seconds": "600"}  # fmt: skip
    assert "Version 1 is in force" in post(client, "/settings/noise", told).text
    rules = {each.reason: each for each in current_noise_rules(services.database).rules}
    assert (rules[Reason.BOT].action, rules[Reason.CALL_FLOOD].most) == (Action.FLAG, 9)
    wrong = post(client, "/settings/noise", told | {"call_flood-most": "many"})
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.text
    assert current_noise_rules(services.database).version == 1


def test_what_the_environment_sets_is_shown_without_secrets(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    page = client.get("/settings/environment").text
    assert "CLOSEDLOOP_HALF_LIFE_DAYS" in page
    assert "/settings/account" in page
    assert "Europe/Moscow" in page
    for secret in (services.settings.database, services.settings.warehouse, "CLOSEDLOOP_API_KEY"):
        assert secret not in page


def test_every_section_opens_and_an_analyst_changes_nothing(services: Services, client: TestClient) -> None:
    come_as(client, services.users, UserRole.ANALYST)
    front = client.get("/settings").text
    addresses = {part.partition('"')[0] for part in front.split('<h2><a href="')[1:]}
    assert len(addresses) >= 12
    assert "/settings/users" not in addresses
    for address in addresses:
        page = client.get(address)
        assert page.status_code == 200, address
        assert "Keep</button>" not in page.text
    for address in ("/settings/measures", "/settings/dimensions", "/settings/noise"):
        assert post(client, address, {}).status_code == 403
