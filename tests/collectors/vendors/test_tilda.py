"""Tilda: forms, its test of the address, its repeats."""

from urllib.parse import urlencode

import pytest

from collectors.sources.source import Source
from tests.collectors.vendors.desk import Desk

DOCUMENTED = (
    "Name=%D0%98%D0%B2%D0%B0%D0%BD+%D0%A2%D0%B5%D1%81%D1%82%D0%BE%D0%B2&Phone=%2B7+%28900%29+000-00-01"
    "&Email=ivan%40example.com&%D0%9C%D0%BE%D0%B4%D0%B5%D0%BB%D1%8C=Geely+Monjaro&Checkbox=yes&utm_source=yandex"
    "&utm_medium=cpc&utm_campaign=12345678&tranid=1000001%3A2000002&formid=form300000001"
    "&COOKIES=_ym_uid%3D1735640000123456789%3B+roistat_visit%3D100500%3B+TILDAUTM%3Dutm_source%253Dyandex%257C%257C%257C"
    "utm_medium%253Dcpc"
)


def connected(desk: Desk, **settings: str) -> Source:
    key = settings.pop("key", "")
    secrets = {"key": key} if key else {}
    return desk.connect("tilda", settings={"preset": "tilda", **settings}, secrets=secrets)


def test_the_documented_form_is_a_lead(desk: Desk) -> None:
    answer = desk.deliver(connected(desk), DOCUMENTED)
    assert (answer.status_code, answer.content) == (200, b"ok")
    desk.read()
    (lead,) = desk.events("leads")
    assert lead.pop("created_at")
    assert lead == {
        "id": "north:form:form300000001:1000001:2000002", "kind": "form", "name": "Иван Тестов",
        "phone": "+79000000001",
        "email": "ivan@example.com", "product": "Geely Monjaro", "visitor_id": "1735640000123456789",
        "source": "yandex", "medium": "cpc", "campaign": "12345678",
        "properties": {
            "Checkbox": "yes", "formid": "form300000001", "ym_uid": "1735640000123456789", "roistat_visit": "100500",
            "collected_from": "north",
        },
    }  # fmt: skip


def test_its_ping_is_answered_and_makes_no_lead(desk: Desk) -> None:
    answer = desk.deliver(connected(desk), "test=test")
    assert (answer.status_code, answer.content) == (200, b"ok")
    desk.read()
    assert desk.events("leads") == []
    assert desk.rejections() == []


def test_a_form_that_comes_three_times_is_one_lead(desk: Desk) -> None:
    source = connected(desk)
    for _ in range(3):
        desk.deliver(source, DOCUMENTED)
    desk.read()
    assert len(desk.events("leads")) == 1


def test_our_own_visit_and_the_marks_of_the_first_page(desk: Desk) -> None:
    cookies = "closedloop_visit=v-1; TILDAUTM=utm_source%3Dvk%7C%7C%7Cutm_campaign%3Dspring; _ga=GA1.1.111.222"
    form = {"Телефон": "8 900 000-00-01", "tranid": "1", "COOKIES": cookies, "payment[amount]": "5"}
    desk.deliver(connected(desk), urlencode(form))
    desk.read()
    (lead,) = desk.events("leads")
    assert (lead["visitor_id"], lead["source"], lead["campaign"]) == ("v-1", "vk", "spring")
    assert lead["properties"]["ga_client_id"] == "111.222"
    assert lead["phone"] == "+79000000001"


@pytest.mark.parametrize(("form", "headers", "status"), [
    ({"apikey": "k"}, {}, 200), ({}, {"APIKEY": "k"}, 200), ({"apikey": "x"}, {}, 401), ({}, {}, 401),
])  # fmt: skip
def test_the_key_of_a_form(desk: Desk, form: dict[str, str], headers: dict[str, str], status: int) -> None:
    source = connected(desk, key_name="apikey", key="k")
    assert desk.deliver(source, urlencode(form | {"tranid": "1"}), headers=headers).status_code == status
    assert desk.deliver(source, "test=test").status_code == 200
    desk.read()
    assert len(desk.events("leads")) == (status == 200)
    assert "k" not in [value for lead in desk.events("leads") for value in lead["properties"].values()]


def test_a_form_without_its_number_is_kept_with_the_reason(desk: Desk) -> None:
    desk.deliver(connected(desk), "Phone=89000000001")
    desk.read()
    assert desk.events("leads") == []
    (kept,) = desk.rejections()
    assert (kept.family, str(kept.errors[0])) == ("leads", "id: the field is missing")
