"""Pages of funds over HTTP: forms, what is wrong in them, and what stands there for whom."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.credentials import COOKIE
from infra.access.rights import UserRole
from tests.api.funds.conftest import ACTIVITY, PROGRAMME, signed_in
from tests.api.funds.test_funds import act, asked, attached, balance, claim


def csrf(client: TestClient, services: Services) -> dict[str, str]:
    session = services.sessions.find(client.cookies[COOKIE])
    assert session
    return {"csrf": session.csrf}


@pytest.fixture
def director(services: Services) -> TestClient:
    return signed_in(services, UserRole.MARKETING_DIRECTOR)


FORM = {
    "name": "Lada 2027", "payer": "Importer", "currency": "RUB", "first_quarter": "2027 Q1", "last_quarter": "Q4 2027",
    "share": "80", "claim_days": "60", "carry_quarters": "", "line_dealer": ["north", "", ""],
    "line_brand": ["", "Lada", ""], "line_quarter": ["", "2027-Q1", ""], "line_percent": ["", "2,5", ""],
    "line_amount": ["100 000", "", ""],
}  # fmt: skip


def test_before_there_is_a_programme_the_page_says_what_comes_next(director: TestClient, dealer: TestClient) -> None:
    assert "Add the first one" in director.get("/funds").text
    page = dealer.get("/funds").text
    assert "has not set up a programme" in page
    assert "/funds/programmes/new" not in page


def test_a_programme_is_added_and_changed_in_a_form(services: Services, director: TestClient) -> None:
    token = csrf(director, services)
    answer = director.post("/funds/programmes/new", data={**FORM, **token}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/funds/programmes/1?done=added")
    told = director.get("/api/funds/programmes/1").json()
    assert (told["first_quarter"], told["carry_quarters"], told["claim_days"]) == ("2027-Q1", None, 60)
    assert told["rules"] == [
        {"dealer": "north", "amount": 100000.0}, {"brand": "Lada", "quarter": "2027-Q1", "percent": 2.5},
    ]  # fmt: skip
    page = director.get("/funds/programmes/1").text
    assert "2.5 % of purchases" in page
    assert 'value="2.5"' in director.get("/funds/programmes/1/edit").text
    changed = {**FORM, **token, "revision": "1", "carry_quarters": "0", "is_closed": "1"}
    answer = director.post("/funds/programmes/1/edit", data=changed, follow_redirects=False)
    assert answer.headers["location"] == "/funds/programmes/1?done=changed"
    assert 'name="carry_quarters" min="0" max="20" value="0"' in director.get("/funds/programmes/1/edit").text
    stale = director.post("/funds/programmes/1/edit", data=changed)
    assert stale.status_code == 409
    assert "has changed the programme" in stale.text


def test_what_is_wrong_in_a_programme_stands_at_its_field(services: Services, director: TestClient) -> None:
    wrong = {**FORM, "name": "", "share": "40", "line_percent": ["", "many", ""], "last_quarter": "soon"}
    answer = director.post("/funds/programmes/new", data={**wrong, **csrf(director, services)})
    assert answer.status_code == 422
    for said in ("Fill this in.", "percent from 50 to 100", "Write a quarter as 2026-Q1.", "such as 2.5"):
        assert said in answer.text, said
    assert 'value="many"' in answer.text
    more = director.post("/funds/programmes/new", data={**FORM, "do": "lines", **csrf(director, services)})
    assert (more.status_code, more.text.count('name="line_amount"')) == (200, 5)
    assert director.get("/api/funds/programmes").json()["total"] == 0


def test_purchases_and_adjustments_are_entered_on_the_page(
    services: Services, director: TestClient, programme: int
) -> None:
    place, token = f"/funds/programmes/{programme}", csrf(director, services)

    def post(what: str, files: Any = None, **told: str) -> Any:
        data = {"dealer": "south", "quarter": "2027-Q1", **told, **token}
        return director.post(f"{place}/{what}", data=data, files=files, follow_redirects=False)

    assert post("purchases", amount="1 000 000,50").headers["location"] == f"{place}?done=purchases"
    assert balance(director, "south")["available"] == 20000.01
    for amount in ("", "-1", "many", "1.005"):
        answer = post("purchases", amount=amount)
        assert (answer.status_code, "Row 1, amount" in answer.text) == (422, True)
    file = {"file": ("p.csv", b"dealer;quarter;amount\nnorth;2027-Q1;5\nnobody;2027-Q1;5\n")}
    assert "Row 2: there is no dealer &#39;nobody&#39;" in post("purchases", file).text
    assert post("adjust", amount="-20000,01", why="returned").headers["location"] == f"{place}?done=adjusted"
    assert balance(director, "south")["available"] == 0
    for amount, why, said in (("1", "", "needs a reason"), ("x", "y", "is no amount"), ("-1", "y", "There are 0.00")):
        answer = post("adjust", amount=amount, why=why)
        assert (answer.status_code, said in answer.text) == (422, True)
    page = director.get(place).text
    assert "adjusted by the payer" in page
    assert "returned" in page


def wish(**told: str) -> dict[str, str]:
    return {
        "programme": "1", "dealer": "north", "title": "Spring", "channel": "outdoor", "first_day": "2027-02-01",
        "last_day": "2027-02-28", "cost": "100 000,00", "share": "50", **told,
    }  # fmt: skip


def test_a_wish_is_asked_for_in_a_form(services: Services, dealer: TestClient, programme: int) -> None:
    token = csrf(dealer, services)
    file = {"file": ("banner.png", b"\x89PNG\r\n\x1a\nx")}
    answer = dealer.post("/funds/activities/new", data={**wish(), **token}, files=file, follow_redirects=False)
    assert answer.headers["location"] == "/funds/activities/1?done=ask"
    page = dealer.get("/funds/activities/1?done=ask").text
    for said in ("waits for approval", "banner.png", "100 000", "Change and ask again", "Cancel the activity"):
        assert said in page, said
    assert "Approve and reserve" not in page
    wrong = dealer.post("/funds/activities/new", data={**wish(title="", cost="0", first_day=""), **token})
    assert wrong.status_code == 422
    for said in ("Fill this in.", "Write an amount above 0", "Choose a day."):
        assert said in wrong.text, said
    refused = dealer.post("/funds/activities/new", data={**wish(dealer="south"), **token})
    assert (refused.status_code, "There is no dealer" in refused.text) == (422, True)
    again = {**wish(title="Spring 2", revision="1"), **token}
    answer = dealer.post("/funds/activities/1/edit", data=again, follow_redirects=False)
    assert answer.headers["location"] == "/funds/activities/1?done=ask"
    stale = dealer.post("/funds/activities/1/edit", data=again)
    assert (stale.status_code, "has changed the activity meanwhile" in stale.text) == (409, True)
    assert dealer.get("/funds/activities/1/edit").status_code == 200


def test_decisions_that_cannot_be_stand_within_their_form(
    services: Services, director: TestClient, dealer: TestClient, programme: int
) -> None:
    key = asked(dealer, programme, cost=900000)["id"]
    place, token = f"/funds/activities/{key}/decide", csrf(director, services)

    def decide(**told: str) -> Any:
        return director.post(place, data={"revision": "1", **told, **token}, follow_redirects=False)

    much = decide(act="approve", share="50", comment="go")
    assert (much.status_code, "There are 100000.00 for this" in much.text) == (422, True)
    assert ">go</textarea>" in much.text
    assert "percent from 50 to 100" in decide(act="approve", share="20").text
    assert "This needs a reason." in decide(act="refuse").text
    assert decide(act="fly").status_code == 422
    assert decide(act="return", comment="cheaper").headers["location"].endswith("?done=return")
    assert decide(act="refuse", comment="no").status_code == 409
    forbidden = dealer.post(place, data={"act": "refuse", "revision": "2", "comment": "x", **csrf(dealer, services)})
    assert (forbidden.status_code, "The payer decides this." in forbidden.text) == (403, True)


def test_a_claim_is_sent_in_a_form(services: Services, payer: TestClient, dealer: TestClient, programme: int) -> None:
    key = asked(dealer, programme)["id"]
    act(payer, key, "approve", 1)
    place, token = f"/funds/activities/{key}/claim", csrf(dealer, services)
    lines = {
        "line_number": ["17", ""], "line_day": ["2027-02-05", ""], "line_net": ["100 000", ""],
        "line_vat": ["20000", ""], "revision": "2", "do": "claim",
    }  # fmt: skip

    def send(files: Any = None, **told: Any) -> Any:
        return dealer.post(place, data={**lines, **told, **token}, files=files, follow_redirects=False)

    assert "There is no proof yet." in send().text
    wrong = send(line_day=["", ""], line_net=["x", ""])
    assert (wrong.status_code, "Choose a day." in wrong.text) == (422, True)
    assert 'value="17"' in wrong.text
    assert "Write one invoice at least." in send(line_number=["", ""], line_day=["", ""], line_net=["", ""],
                                                 line_vat=["", ""]).text  # fmt: skip
    assert send(do="lines").text.count('name="line_net"') == 2
    proof = {"file": ("invoice.pdf", b"%PDF-1.7")}
    assert send(proof).headers["location"].endswith("?done=claim")
    page = dealer.get(f"/funds/activities/{key}").text
    for said in ("Claim 1", "invoice.pdf", "claimed, waits to be checked", "50 000"):
        assert said in page, said


def test_files_are_attached_on_the_page(services: Services, dealer: TestClient, programme: int) -> None:
    key = asked(dealer, programme)["id"]
    place, token = f"/funds/activities/{key}/files", csrf(dealer, services)
    for content in (b"1", b"22"):
        data = {"purpose": "creative", **token}
        answer = dealer.post(place, data=data, files={"file": ("a.txt", content)}, follow_redirects=False)
        assert answer.headers["location"].endswith("?done=attached")
    assert "version 2" in dealer.get(f"/funds/activities/{key}").text
    assert "No file is chosen." in dealer.post(place, data={"purpose": "proof", **token}).text
    large = {"file": ("a.bin", bytes(1024**2 + 1))}
    assert "The file is over 1 MiB." in dealer.post(place, data={"purpose": "proof", **token}, files=large).text


def test_the_page_shows_what_waits_for_whom(
    services: Services, director: TestClient, dealer: TestClient, programme: int
) -> None:
    key = asked(dealer, programme, title="Radio")["id"]
    page = director.get("/funds").text
    mine, others = page.index("Waits for you"), page.find("Waits for others")
    assert mine < page.index("Radio") < (others if others > 0 else len(page))
    page = dealer.get("/funds").text
    assert page.index("Waits for others") < page.index("Radio")
    attached(dealer, key, "a.pdf", b"%PDF-1.7")
    act(director, key, "approve", 1)
    claim(dealer, key, 2)
    assert "check the claim and settle it" in director.get("/funds").text
    assert "Radio" not in director.get("/funds?state=paid").text.partition('id="activities"')[2]
    assert "Radio" in director.get("/funds?state=claimed&dealer=north&programme=1").text
    assert director.get("/funds?state=lost&programme=x&dealer=%00").status_code == 200


def test_a_dealer_finds_nothing_of_another_on_pages(
    services: Services, director: TestClient, dealer: TestClient, programme: int
) -> None:
    asked(dealer, programme, title="Radio")
    south = signed_in(services, UserRole.DEALER_MARKETER, "south")
    for place in ("/funds", f"/funds/programmes/{programme}", "/funds/activities/new"):
        assert "Радио" not in south.get(place).text
        assert "Север" not in south.get(place).text, place
        assert "Север" in dealer.get(place).text, place
    assert south.get("/funds/activities/1").status_code == 404
    assert south.get("/funds/activities/1/edit").status_code == 404
    assert south.get("/funds/programmes/new").status_code == 403


def test_what_people_write_is_text_on_pages(services: Services, director: TestClient, programme: int) -> None:
    evil = "<script>alert(1)</script>"
    key = asked(director, programme, title=evil, description=evil, channel=evil, comment=evil)["id"]
    act(director, key, "return", 1, comment=evil)
    director.post("/api/funds/programmes", json={**PROGRAMME, "name": evil, "payer": evil}).raise_for_status()
    for place in ("/funds", f"/funds/activities/{key}", "/funds/programmes/2", "/funds/activities/new",
                  f"/funds/activities/{key}/edit", "/funds/programmes/2/edit"):  # fmt: skip
        assert "<script>alert" not in director.get(place).text
    assert ACTIVITY["title"] == "Spring"
