"""Channel rules are edited in a table, tried on what was there, and kept as versions."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from attribution.channel_rules import rule_versions
from infra.access.rights import UserRole
from tests.api.forms import come_as, come_as_admin, post
from tests.attribution.world import World, lead, spend, visit

FIELDS = ("channel", "source", "medium", "campaign", "click_id", "referrer")
PAGE = "/settings/channel-rules"


def rules(*told: dict[str, str]) -> dict[str, list[str]]:
    return {name: [each.get(name, "") for each in told] for name in FIELDS}


def send(client: TestClient, action: str, *told: dict[str, str], based_on: int = 0) -> Any:
    return post(client, PAGE, rules(*told) | {"do": action, "shown": "0", "based_on": str(based_on)})


def order(text: str) -> list[str]:
    """The values of the cells of channels, as the page has them."""
    cells = [part.partition(">")[0] for part in text.split('<input name="channel"')[1:]]
    return [cell.partition('value="')[2].partition('"')[0] for cell in cells]


A, B, C = ({"channel": name, "source": f"^{name}$"} for name in ("alpha", "beta", "gamma"))


@pytest.mark.parametrize(("action", "expected"), [
    ("up 1", ["beta", "alpha", "gamma"]), ("up 0", ["alpha", "beta", "gamma"]),
    ("down 0", ["beta", "alpha", "gamma"]), ("down 2", ["alpha", "beta", "gamma"]),
    ("remove 1", ["alpha", "gamma"]), ("add 1", ["alpha", "", "beta", "gamma"]),
    ("remove 9", ["alpha", "beta", "gamma"]),
])  # fmt: skip
def test_buttons_change_the_table_and_keep_nothing(
    services: Services, client: TestClient, action: str, expected: list[str]
) -> None:
    come_as_admin(client)
    assert order(send(client, action, A, B, C).text) == expected
    assert rule_versions(services.database)[0].version == 0


def test_rules_are_put_in_force_and_earlier_ones_come_back(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    answer = send(client, "keep", A, {}, B)
    assert "A new run is asked for" in answer.text
    newest = rule_versions(services.database)[0]
    assert (newest.version, newest.author) == (1, "admin link")
    assert [each.channel for each in newest.rules] == ["alpha", "beta"], "a line with nothing in it is no rule"
    shipped = client.get(PAGE, params={"version": 0}).text
    assert "This was version 0; version 1 is in force." in shipped
    assert len(order(shipped)) == len(rule_versions(services.database)[-1].rules)
    assert client.get(PAGE, params={"version": 9}).status_code == 404


def test_what_is_wrong_stands_beside_its_cell(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    for action in ("preview", "keep"):
        answer = send(client, action, A, {"channel": "", "source": "(open"})
        assert "&#39;(open&#39; is no regular expression" in answer.text
        assert 'aria-describedby="wrong-1-source"' in answer.text
        assert 'aria-describedby="wrong-1-channel"' in answer.text
        assert 'aria-describedby="wrong-0-source"' not in answer.text
    assert answer.status_code == 422
    assert send(client, "keep").status_code == 422
    assert rule_versions(services.database)[0].version == 0


def test_nobody_overwrites_what_somebody_kept_meanwhile(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    send(client, "keep", A)
    answer = send(client, "keep", B, based_on=0)
    assert answer.status_code == 422
    assert "admin link kept version 1 while you were editing" in answer.text
    assert [each.channel for each in rule_versions(services.database)[0].rules] == ["alpha"]
    assert send(client, "keep", B, based_on=1).status_code == 200


def test_a_draft_says_what_it_would_move(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    assert "no run has ended" in send(client, "preview", A).text
    world = World(services)
    world.tell({
        "touches": [visit("t1", "v1", 1, "alpha"), visit("t2", "v2", 1, "yandex")],
        "leads": [lead("l1", 2, visitor_id="v1"), lead("l2", 2, visitor_id="v2")],
        "spend": [spend("2026-01-01", "2026-01-02", 500, "alpha")],
    })  # fmt: skip
    world.attribute()
    page = send(
        client, "preview", A, {"channel": "paid_search", "medium": "cpc"}, C, {"channel": "z", "source": "^alpha"}
    )
    text = page.text.partition('id="preview"')[2]
    assert "<td>alpha</td>" in text
    assert '<td class="number">500</td>' in text
    assert "holds for 1 of 1 that match" in page.text
    assert "matches nothing so far" in page.text
    assert "rule 1 takes all before it" in page.text
    assert rule_versions(services.database)[0].version == 0


def test_an_analyst_looks_at_rules_and_cannot_change_them(services: Services, client: TestClient) -> None:
    come_as(client, services.users, UserRole.ANALYST)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "Put these rules in force" not in page.text
    assert send(client, "keep", A).status_code == 403
    assert rule_versions(services.database)[0].version == 0
