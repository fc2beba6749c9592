"""Contractors are entered with campaigns and fees, changed and removed."""

from decimal import Decimal
from typing import Any

from fastapi.testclient import TestClient

from api.bootstrap import Services
from attribution.reference import newest_reference, reference_document
from tests.api.forms import come_as_admin, post

CAMPAIGN = ("source", "medium", "campaign")
FEE = (
    "from", "to", "percent", "fixed_month", "per_lead", "minimum", "maximum", "currency", "steps", "steps_of",
)  # fmt: skip
PAGE = "/settings/contractors"


def send(services: Services, client: TestClient, *, action: str = "keep", key: str = "", campaigns: Any = (),
         fees: Any = (), **facts: str) -> Any:  # fmt: skip
    told: dict[str, Any] = {f"campaigns-{name}": [each.get(name, "") for each in campaigns] for name in CAMPAIGN}
    told |= {f"fees-{name}": [({"steps_of": "whole"} | each).get(name, "") for each in fees] for name in FEE}
    based_on = str(newest_reference(services.database))
    return post(client, f"{PAGE}/edit", {**told, **facts, "key": key, "do": action, "based_on": based_on})


def test_a_contractor_is_entered_changed_and_removed(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    assert "No contractor is entered yet" in client.get(PAGE).text
    fees = [{"from": "2026-01-01", "steps": "0: 12, 1000000: 10.5", "maximum": "90000"}, {}]
    claims = {
        "claimed_budget": "500000",
        "claimed_romi": "1.5",
        "claimed_from": "2026-01-01",
        "claimed_to": "2026-06-30",
    }
    campaigns = [{"source": "yandex", "medium": "cpc"}, {}]
    answer = send(services, client, id="a/b & c", campaigns=campaigns, fees=fees, **claims)
    assert "The change is kept" in answer.text
    assert "/settings/contractors/edit?id=a/b%20%26%20c" in answer.text
    (kept,) = reference_document(services.database).contractors
    assert [str(each) for each in kept.campaigns] == ["yandex / cpc / any"]
    (fee,) = kept.fees
    assert [(step.above, step.percent) for step in fee.steps] == [(Decimal(0), 12), (Decimal(1000000), 10.5)]
    page = client.get(f"{PAGE}/edit", params={"id": "a/b & c"}).text
    assert "10.5" in page
    assert 'value="500000' in page
    send(services, client, key="a/b & c", id="a/b & c", name="Agency")
    (kept,) = reference_document(services.database).contractors
    assert (kept.name, kept.campaigns, kept.claimed_romi) == ("Agency", (), None)
    assert "It is removed" in post(client, f"{PAGE}/remove", {"key": "a/b & c"}).text
    assert reference_document(services.database).contractors == ()
    assert client.get(f"{PAGE}/edit", params={"id": "a/b & c"}).status_code == 404


def test_what_is_wrong_is_marked_where_it_is(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    fees = [{"percent": "10"}, {"percent": "much"}, {"from": "2026-02-01", "to": "2026-01-01"}]
    answer = send(services, client, id="", campaigns=[{"source": "x"}], fees=fees, claimed_romi="5")
    assert answer.status_code == 422
    assert 'aria-describedby="wrong-fees-1-percent"' in answer.text
    assert 'aria-describedby="wrong-fees-0-percent"' not in answer.text
    assert "before it begins" in answer.text
    assert 'aria-describedby="wrong-id"' in answer.text
    assert reference_document(services.database).contractors == ()
    send(services, client, id="a", campaigns=[{"source": "x"}])
    assert "run the same" in send(services, client, id="b", campaigns=[{"source": "x"}]).text


def test_buttons_change_their_own_table(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    answer = send(services, client, action="fees-add 0", id="a", campaigns=[{"source": "x"}])
    assert answer.text.count('name="fees-percent"') == 1
    assert answer.text.count('name="campaigns-source"') == 1
    answer = send(services, client, action="campaigns-remove 0", id="a", campaigns=[{"source": "x"}], fees=[{}])
    assert answer.text.count('name="fees-percent"') == 1
    assert answer.text.count('name="campaigns-source"') == 0
