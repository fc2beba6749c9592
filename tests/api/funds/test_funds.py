"""Co-op funds over HTTP: programmes, purchases, activities, decisions, claims and their files."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.daily import Daily
from infra.access.rights import UserRole
from infra.clock import FrozenClock
from tests.api.funds.conftest import ACTIVITY, PROGRAMME, signed_in

INVOICE = {"number": "17", "day": "2027-02-05", "net": 100000, "vat": 20000}


def asked(client: TestClient, programme: int, **told: Any) -> dict[str, Any]:
    answer = client.post("/api/funds/activities", json={**ACTIVITY, "programme": programme, **told})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def act(client: TestClient, key: int, doing: str, revision: int, **told: Any) -> Any:
    return client.post(f"/api/funds/activities/{key}/decisions", json={"act": doing, "revision": revision, **told})


def attached(client: TestClient, key: int, name: str, content: bytes, purpose: str = "proof") -> Any:
    return client.post(f"/api/funds/activities/{key}/files", files={"file": (name, content)}, data={"purpose": purpose})


def claim(client: TestClient, key: int, revision: int, *invoices: dict[str, Any]) -> Any:
    told = {"revision": revision, "invoices": list(invoices or (INVOICE,))}
    return client.post(f"/api/funds/activities/{key}/claims", json=told)


def balance(client: TestClient, dealer: str = "north") -> dict[str, Any]:
    items = client.get("/api/funds/balances", params={"dealer": dealer}).json()["items"]
    return {name: items[0][name] for name in ("earned", "reserved", "settled", "expired", "available")}


def test_a_dealer_asks_and_the_payer_pays(payer: TestClient, dealer: TestClient, programme: int) -> None:
    key = asked(dealer, programme)["id"]
    assert act(payer, key, "approve", 1).json()["state"] == "approved"
    assert attached(dealer, key, "счёт.pdf", b"%PDF-1.7").status_code == 201
    claimed = claim(dealer, key, 2)
    assert (claimed.status_code, claimed.json()["payable"]) == (201, 50000.0)
    settled = act(payer, key, "settle", 3, percent=70, comment="no logo").json()
    assert (settled["settled"], settled["state"]) == (35000.0, "settled")
    paid = act(payer, key, "pay", 4, payment="PP 1", day="2027-02-10").json()
    assert [step["act"] for step in paid["steps"]] == ["ask", "approve", "claim", "settle", "pay"]
    assert [step["author"] for step in paid["steps"]][:2] == ["dealer_marketer-north@example.com", "API key"]
    assert paid["claims"][0]["invoices"] == [{**INVOICE, "net": 100000.0, "vat": 20000.0}]
    assert [entry["kind"] for entry in paid["entries"]] == ["release", "settlement", "reservation"]
    assert paid["files"][0]["name"] == "счёт.pdf"
    assert balance(payer) == {"earned": 100000, "reserved": 0, "settled": 35000, "expired": 0, "available": 65000}
    entries = dealer.get("/api/funds/entries", params={"limit": 2}).json()
    assert (entries["total"], len(entries["items"])) == (4, 2)
    behind = dealer.get("/api/funds/entries", params={"limit": 2, "next": entries["next"]}).json()
    assert [each["kind"] for each in behind["items"]] == ["reservation", "accrual"]


def test_each_side_does_its_own_part(payer: TestClient, dealer: TestClient, programme: int) -> None:
    key = asked(dealer, programme)["id"]
    for doing in ("approve", "refuse", "return", "settle", "pay", "extend", "lapse", "refuse_claim", "return_claim"):
        answer = act(dealer, key, doing, 1, comment="mine")
        assert (answer.status_code, answer.json()["error"]["message"]) == (403, "The payer decides this.")
    assert act(dealer, key, "cancel", 1, comment="rain").json()["state"] == "cancelled"
    assert act(payer, key, "claim", 2).status_code == 422


def test_a_step_that_does_not_lead_on_says_what_to_do(payer: TestClient, programme: int) -> None:
    key = asked(payer, programme)["id"]
    error = act(payer, key, "settle", 1).json()["error"]
    assert error["message"] == "An activity that is asked has no step “settle”."
    assert error["help"] == "Wait until the payer has decided, or cancel it."
    assert act(payer, key, "refuse", 1).json()["error"]["where"] == "comment"


def test_a_stale_page_is_told_who_was_there_before(payer: TestClient, dealer: TestClient, programme: int) -> None:
    key = asked(dealer, programme)["id"]
    changed = dealer.put(f"/api/funds/activities/{key}", json={**without_dealer(), "revision": 1, "cost": 120000})
    assert (changed.json()["revision"], changed.json()["wanted"]) == (2, 60000.0)
    answer = act(payer, key, "approve", 1)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    said = "dealer_marketer-north@example.com has changed the activity meanwhile: it is asked now."
    assert answer.json()["error"]["message"] == said


def without_dealer() -> dict[str, Any]:
    return {name: value for name, value in ACTIVITY.items() if name != "dealer"}


def test_a_dealer_sees_nothing_of_another(
    services: Services, payer: TestClient, dealer: TestClient, programme: int
) -> None:
    key = asked(dealer, programme)["id"]
    file = attached(dealer, key, "a.pdf", b"%PDF-1.7").json()
    payer.post(f"/api/funds/programmes/{programme}/purchases", json=[
        {"dealer": "north", "quarter": "2027-Q1", "amount": 7}, {"dealer": "south", "quarter": "2027-Q1", "amount": 9},
    ])  # fmt: skip
    south = signed_in(services, UserRole.DEALER_MARKETER, "south")
    place = f"/api/funds/activities/{key}"
    for answer in (
        south.get(place),
        south.put(place, json={**without_dealer(), "revision": 1}),
        act(south, key, "cancel", 1, comment="x"),
        claim(south, key, 1),
        attached(south, key, "b.pdf", b"%PDF-1.7"),
        south.get(file["link"]),
        south.get("/api/funds/balances", params={"dealer": "north"}),
        south.post("/api/funds/activities", json={**ACTIVITY, "programme": programme}),
    ):
        assert answer.status_code == 404, answer.text
        assert answer.json()["error"]["help"]
    for path in ("activities", "balances", "ageing", "entries", "waiting", f"programmes/{programme}/purchases"):
        assert "north" not in south.get(f"/api/funds/{path}").text, path
        assert "north" in dealer.get(f"/api/funds/{path}").text, path
    told = south.get(f"/api/funds/programmes/{programme}").json()
    assert told["rules"] == [{"brand": "Lada", "percent": 2.0}]


def test_dealers_do_not_set_up_programmes(dealer: TestClient, programme: int) -> None:
    of_it = f"/api/funds/programmes/{programme}"
    for answer in (
        dealer.post("/api/funds/programmes", json=PROGRAMME),
        dealer.put(of_it, json={**PROGRAMME, "revision": 1}),
        dealer.post(f"{of_it}/purchases", content="dealer,quarter,amount\nnorth,2027-Q1,1"),
        dealer.post(f"{of_it}/adjustments", json={"dealer": "north", "quarter": "2027-Q1", "amount": 1, "why": "x"}),
    ):
        assert answer.status_code == 403, answer.text


@pytest.mark.parametrize("role", [UserRole.CONTRACTOR, UserRole.SALES])
def test_others_have_no_business_here(services: Services, role: UserRole, programme: int) -> None:
    client = signed_in(services, role, "north", contractors=("agency",))
    assert client.get("/api/funds/balances").status_code == 403
    assert client.get("/funds").status_code == 403


def test_a_brands_manager_decides_for_the_payer(
    services: Services, payer: TestClient, dealer: TestClient, programme: int
) -> None:
    """Of dealers of the brand alone, and never for the dealer."""
    key = asked(dealer, programme)["id"]
    manager = signed_in(services, UserRole.BRAND_MANAGER, brands=("Lada",))
    other = signed_in(services, UserRole.BRAND_MANAGER, brands=("Chery",))
    assert act(other, key, "approve", 1).status_code == 404
    assert "Spring" in manager.get("/funds").text.partition("Waits for you")[2].partition("Waits for others")[0]
    assert act(manager, key, "approve", 1).json()["state"] == "approved"
    for answer in (
        manager.post("/api/funds/activities", json={**ACTIVITY, "programme": programme}),
        manager.put(f"/api/funds/activities/{key}", json={**without_dealer(), "revision": 2}),
        claim(manager, key, 2),
        manager.get("/funds/activities/new"),
        manager.post("/api/funds/programmes", json=PROGRAMME),
    ):
        assert answer.status_code == 403, answer.text
    page = manager.get(f"/funds/activities/{key}").text
    assert "Extend the deadline" in page
    assert "Send the claim" not in page
    assert "/funds/activities/new" not in manager.get("/funds").text


def test_an_analyst_reads_and_does_nothing(services: Services, payer: TestClient, programme: int) -> None:
    key = asked(payer, programme)["id"]
    analyst = signed_in(services, UserRole.ANALYST)
    assert analyst.get(f"/api/funds/activities/{key}").status_code == 200
    assert act(analyst, key, "cancel", 1, comment="x").status_code == 403


def test_purchases_come_by_file(payer: TestClient, programme: int) -> None:
    def send(text: str, kind: str = "text/csv") -> Any:
        place = f"/api/funds/programmes/{programme}/purchases"
        return payer.post(place, content=text.encode(), headers={"Content-Type": kind})

    assert send("dealer;quarter;amount\nsouth;2027-Q1;1 000 000,00\n").json() == {"accepted": 1, "changed": 1}
    assert balance(payer, "south")["available"] == 20000
    wrong = send("dealer,quarter,amount\nsouth,2027-Q1,5\nsouth,2027-Q1,6\n")
    assert (wrong.status_code, wrong.json()["error"]["where"]) == (422, "dealer")
    assert send("").status_code == 400
    assert send("{broken", "application/json").status_code in (400, 422)
    for broken in ("PK\x03\x04 no workbook", "\x00\x01\x02", "dealer,quarter,amount\nsouth,2027-Q1"):
        answer = send(broken, "")
        assert answer.status_code in (400, 422), answer.text
        assert answer.json()["error"]["message"]
    assert balance(payer, "south")["available"] == 20000


def test_the_payer_adjusts_a_fund(payer: TestClient, programme: int) -> None:
    told = {"dealer": "south", "quarter": "2027-Q1", "amount": 500.5, "why": "opening"}
    answer = payer.post(f"/api/funds/programmes/{programme}/adjustments", json=told)
    assert (answer.status_code, answer.json()["items"][0]["available"]) == (201, 500.5)
    less = payer.post(f"/api/funds/programmes/{programme}/adjustments", json={**told, "amount": -501})
    assert (less.status_code, less.json()["error"]["where"]) == (422, "amount")


def test_a_programme_is_changed_on_what_it_says_now(payer: TestClient, programme: int) -> None:
    place = f"/api/funds/programmes/{programme}"
    assert payer.put(place, json={**PROGRAMME, "payer": "Brand", "revision": 1}).json()["revision"] == 2
    answer = payer.put(place, json={**PROGRAMME, "revision": 1})
    assert (answer.status_code, answer.json()["error"]["where"]) == (409, "revision")
    assert payer.get(place).json()["payer"] == "Brand"
    assert payer.get("/api/funds/programmes").json()["total"] == 1


@pytest.mark.parametrize(("told", "where"), [
    ({"cost": 0}, "body.cost"), ({"cost": -5}, "body.cost"), ({"cost": 1.005}, "body.cost"),
    ({"share": 40}, "body.share"), ({"title": " "}, "body.title"), ({"last_day": "2027-01-01"}, "body"),
    ({"first_day": "soon"}, "body.first_day"),
    ({"currency": "USD"}, "currency"), ({"share": 90}, "share"), ({"programme": 99}, "programme"),
    ({"dealer": "nobody"}, "dealer"), ({"contractor": "nobody"}, "contractor"), ({"more": 1}, "body.more"),
])  # fmt: skip
def test_what_cannot_be_asked_for_is_refused_by_name(
    payer: TestClient, programme: int, told: dict[str, Any], where: str
) -> None:
    answer = payer.post("/api/funds/activities", json={**ACTIVITY, "programme": programme, **told})
    assert answer.status_code in (404, 422)
    assert answer.json()["error"]["where"] == where
    assert payer.get("/api/funds/activities").json()["total"] == 0


def test_files_are_served_as_what_they_are(payer: TestClient, programme: int) -> None:
    key = asked(payer, programme)["id"]
    png = b"\x89PNG\r\n\x1a\n" + bytes(9)
    page = b"<html><script>alert(1)</script>"
    for name, content, kind, way in (
        ("баннер 1.png", png, "image/png", "inline"),
        ("a.pdf", b"%PDF-1.7", "application/pdf", "inline"),
        ("a.html", page, "application/octet-stream", "attachment"),
        ("a.svg", b"<svg onload='alert(1)'/>", "application/octet-stream", "attachment"),
        ("a.png", page, "application/octet-stream", "attachment"),
    ):
        link = attached(payer, key, name, content, "creative").json()["link"]
        answer = payer.get(link)
        assert (answer.content, answer.headers["content-type"]) == (content, kind)
        assert answer.headers["content-disposition"].startswith(way)
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "sandbox"} <= set(policy)
        assert answer.headers["cache-control"] == "private, no-store"
    assert "%D0%B1%D0%B0%D0%BD%D0%BD%D0%B5%D1%80%201.png" in payer.get("/api/files/1").headers["content-disposition"]
    assert payer.get("/api/files/99").status_code == 404


def test_files_too_large_empty_or_without_a_purpose_are_refused(payer: TestClient, programme: int) -> None:
    key = asked(payer, programme)["id"]
    assert attached(payer, key, "a.bin", bytes(1024**2 + 1)).status_code == 413
    assert attached(payer, key, "a.bin", b"").status_code == 422
    assert attached(payer, key, "a.bin", b"1", "fun").json()["error"]["where"] == "purpose"
    assert payer.get(f"/api/funds/activities/{key}").json()["files"] == []


def test_lists_are_filtered_and_go_on(payer: TestClient, programme: int) -> None:
    keys = [asked(payer, programme, title=f"n {n}")["id"] for n in range(3)]
    act(payer, keys[0], "refuse", 1, comment="no")
    first = payer.get("/api/funds/activities", params={"limit": 2}).json()
    assert ([each["id"] for each in first["items"]], first["total"]) == (keys[:0:-1], 3)
    rest = payer.get("/api/funds/activities", params={"limit": 2, "next": first["next"]}).json()
    assert [each["id"] for each in rest["items"]] == keys[:1]
    refused = payer.get("/api/funds/activities", params={"state": ["refused", "paid"]}).json()
    assert [each["id"] for each in refused["items"]] == keys[:1]
    assert payer.get("/api/funds/activities", params={"state": "lost"}).status_code == 422
    assert payer.get("/api/funds/waiting").json()["items"][0]["link"] == f"/funds/activities/{keys[1]}"


@pytest.mark.parametrize("report", ["balances", "ageing"])
@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_exports_hold_no_formula(payer: TestClient, report: str, form: str) -> None:
    payer.post("/api/funds/programmes", json={**PROGRAMME, "name": "=HYPERLINK(1)"}).raise_for_status()
    answer = payer.get(f"/api/funds/{report}", params={"format": form})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    if form == "csv":
        assert "\n'=HYPERLINK(1),north,Север,Lada,RUB," in answer.text


def test_quarters_begin_and_end_once_a_day(services: Services, payer: TestClient, programme: int) -> None:
    daily = Daily(services)
    daily.step()
    assert balance(payer)["available"] == 100000
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(days=50))
    daily.step()
    assert balance(payer) == {"earned": 200000, "reserved": 0, "settled": 0, "expired": 0, "available": 200000}
    services.clock.advance(timedelta(days=91))
    daily.step()
    assert balance(payer) == {"earned": 300000, "reserved": 0, "settled": 0, "expired": 100000, "available": 200000}
    daily.step()
    assert payer.get("/api/funds/entries").json()["total"] == 4
