"""A mail box of requests, on a real IMAP server."""

from datetime import date
from email.message import EmailMessage
from secrets import token_hex

import pytest

from collectors.letters.addresses import TrackedAddresses
from collectors.sources.source import Source
from infra.errors import InvalidInput
from tests.attribution.world import World
from tests.collectors.vendors.desk import Desk
from tests.dovecot_fixture import MailServer
from tests.ports import free_port

TEXT = "Новая заявка!\nИмя: Иван Тестов\nТелефон: 8 (900) 000-00-01\nАвтомобиль: Geely Monjaro\n"


@pytest.fixture
def user() -> str:
    return f"u{token_hex(4)}"


def letter(number: int, text: str = TEXT, sender: str = "robot@auto.ru", html: str = "") -> bytes:
    message = EmailMessage()
    message["From"] = f"Робот <{sender}>"
    message["To"] = "leads@dealer.example"
    message["Subject"] = f"Заявка {number}"
    message["Message-ID"] = f"<{number}@auto.ru>"
    message["Date"] = "Fri, 17 Jan 2025 18:52:13 +0300"
    message.set_content(text)
    if html:
        message.clear_content()
        message.set_content(html, subtype="html")
    return message.as_bytes()


def connected(desk: Desk, server: MailServer, user: str, **settings: str) -> Source:
    told = {
        "host": "127.0.0.1", "port": str(server.port), "tls": "no", "user": user, "folder": "INBOX",
        "templates": "autoru,any", "country": "RU",
    }  # fmt: skip
    return desk.connect("mailbox", settings=told | settings, secrets={"password": "secret"})


def test_letters_are_leads_once_and_stay_unread(desk: Desk, mail_server: MailServer, user: str) -> None:
    mail_server.put(user, letter(1))
    source = connected(desk, mail_server, user)
    assert desk.pull(source).error == ""
    assert desk.events("leads") == [
        {
            "id": "north:letter:1@auto.ru", "created_at": "2025-01-17T15:52:13Z", "kind": "email",
            "name": "Иван Тестов", "phone": "+79000000001", "product": "Geely Monjaro", "source": "auto.ru",
            "medium": "classified",
            "properties": {"subject": "Заявка 1", "sender": "robot@auto.ru", "collected_from": "north"},
        }
    ]  # fmt: skip
    mail_server.put(user, letter(2))
    mail_server.put(user, letter(1))
    assert desk.pull(source).accepted == 3
    assert [lead["id"] for lead in desk.events("leads")] == ["north:letter:1@auto.ru", "north:letter:2@auto.ru"]
    assert mail_server.unseen(user) == 3
    assert desk.pull(source).accepted == 3


def test_many_letters_come_in_pages(desk: Desk, mail_server: MailServer, user: str) -> None:
    for number in range(60):
        mail_server.put(user, letter(number))
    state = desk.pull(connected(desk, mail_server, user))
    assert (state.accepted, len(desk.events("leads"))) == (60, 60)


def test_html_other_senders_and_letters_about_nothing(desk: Desk, mail_server: MailServer, user: str) -> None:
    html = "<html><head><style>p{}</style></head><p>Phone:&nbsp;+7&nbsp;900 000-00-02</p><div>Name: Anna</div></html>"
    mail_server.put(user, letter(1, html=html, sender="site@dealer.example"))
    mail_server.put(user, letter(2, "Перезвоните на 8 900 000 00 03, спасибо", sender="x@y.example"))
    mail_server.put(user, letter(3, "Новости рынка за неделю", sender="news@y.example"))
    desk.pull(connected(desk, mail_server, user))
    leads = desk.events("leads")
    assert [(lead.get("name"), lead["phone"]) for lead in leads] == [("Anna", "+79000000002"), (None, "+79000000003")]


def test_a_template_of_ones_own_and_a_folder(desk: Desk, mail_server: MailServer, user: str) -> None:
    own = 'title = "Own"\nlevel = "A"\nsubject = "заявка"\n[patterns]\nphone = "тел ([^,]+)"\n'
    mail_server.put(user, letter(1, "тел 89000000001, Анна"), folder="Leads")
    mail_server.put(user, letter(2, "тел 89000000002, Анна"))
    desk.pull(connected(desk, mail_server, user, templates=own, folder="Leads"))
    assert [lead["phone"] for lead in desk.events("leads")] == ["+79000000001"]


@pytest.mark.parametrize(("change", "said"), [
    ({"folder": "Nowhere"}, "refuses user, password or folder"), ({"port": str(free_port())}, "does not answer"),
])  # fmt: skip
def test_what_does_not_work_is_told(
    desk: Desk, mail_server: MailServer, user: str, change: dict[str, str], said: str
) -> None:
    assert said in desk.pull(connected(desk, mail_server, user, **change)).error


def test_a_wrong_password_is_told(desk: Desk, mail_server: MailServer, user: str) -> None:
    source = connected(desk, mail_server, user)
    desk.services.sources.save_secrets(source.id, {"password": "wrong"})
    assert "refuses user, password or folder" in desk.pull(source).error


def test_a_box_that_was_made_anew_is_read_anew(desk: Desk, mail_server: MailServer, user: str) -> None:
    mail_server.put(user, letter(1))
    source = connected(desk, mail_server, user)
    desk.services.progress.set_cursor(source.id, {"validity": "1", "uid": 1000})
    assert desk.pull(source).accepted == 1


def written(number: int, to: str, sender: str = "Иван Тестов <ivan@mail.example>", **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = "Есть ли Monjaro?"
    message["Message-ID"] = f"<{number}@mail.example>"
    message["Date"] = "Fri, 17 Jan 2025 18:52:13 +0300"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Здравствуйте! Перезвоните: 8 900 000-00-01.")
    return message.as_bytes()


ADDRESSES = "sales+{visit}@dealer.example, paper@dealer.example"


def test_a_letter_to_a_tracked_address_is_a_lead_of_its_visitor(desk: Desk, mail_server: MailServer, user: str) -> None:
    code = desk.services.visit_numbers.number_of("v0000000000000001", "s1")
    mail_server.put(user, written(1, f"Sales <Sales+{code}@dealer.example>"))
    mail_server.put(user, written(2, "someone@dealer.example", Delivered_To="paper@dealer.example"))
    mail_server.put(user, written(3, "info@dealer.example"))
    source = connected(desk, mail_server, user, templates="autoru", addresses=ADDRESSES)
    assert desk.pull(source).error == ""
    visited, paper = desk.events("leads")
    assert visited == {
        "id": "north:letter:1@mail.example", "created_at": "2025-01-17T15:52:13Z", "kind": "email",
        "name": "Иван Тестов", "phone": "+79000000001", "email": "ivan@mail.example",
        "visitor_id": "v0000000000000001", "session_id": "s1",
        "properties": {
            "subject": "Есть ли Monjaro?", "sender": "ivan@mail.example", "sent_to": "sales@dealer.example",
            "closedloop_number": code, "collected_from": "north",
        },
    }  # fmt: skip
    assert (paper["properties"]["sent_to"], paper.get("visitor_id")) == ("paper@dealer.example", None)


@pytest.mark.parametrize("headers", [
    {"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List_Id": "<news.example>"},
    {"sender": "Mail <mailer-daemon@mail.example>"}, {"sender": "anna@dealer.example"},
])  # fmt: skip
def test_machines_lists_and_colleagues_are_no_customers(
    desk: Desk, mail_server: MailServer, user: str, headers: dict[str, str]
) -> None:
    mail_server.put(user, written(1, "paper@dealer.example", **headers))
    desk.pull(connected(desk, mail_server, user, templates="autoru", addresses=ADDRESSES))
    assert desk.events("leads") == []


def test_a_classifieds_robot_is_not_the_customer(desk: Desk, mail_server: MailServer, user: str) -> None:
    mail_server.put(user, letter(1).replace(b"leads@dealer.example", b"paper@dealer.example"))
    desk.pull(connected(desk, mail_server, user, addresses=ADDRESSES))
    (lead,) = desk.events("leads")
    assert "email" not in lead
    assert lead["phone"] == "+79000000001"


def test_customers_of_a_public_host_are_no_colleagues(desk: Desk, mail_server: MailServer, user: str) -> None:
    mail_server.put(user, written(1, "north.dealer@mail.ru", sender="ivan@mail.ru"))
    mail_server.put(user, written(2, "north.dealer@mail.ru", sender="north.dealer@mail.ru"))
    desk.pull(connected(desk, mail_server, user, templates="autoru", addresses="north.dealer@mail.ru"))
    assert [lead["email"] for lead in desk.events("leads")] == ["ivan@mail.ru"]


@pytest.mark.parametrize("addresses", ["sales", "sales+{visit}", "a@b.example, no address"])
def test_what_is_no_tracked_address(addresses: str) -> None:
    with pytest.raises(InvalidInput):
        TrackedAddresses(addresses)


def test_letters_stand_in_the_report_under_the_visit_or_the_advertisement(
    desk: Desk, mail_server: MailServer, user: str
) -> None:
    world = World(desk.services)
    world.refer(tracking_addresses=[{"address": "paper@dealer.example", "source": "newspaper", "medium": "offline"}])
    code = desk.services.visit_numbers.number_of("v1", "s1")
    mail_server.put(user, written(1, f"sales+{code}@dealer.example", sender="one@mail.example"))
    mail_server.put(user, written(2, "paper@dealer.example", sender="two@mail.example").replace(b"00-01", b"00-02"))
    desk.pull(connected(desk, mail_server, user, templates="any", addresses=ADDRESSES))
    visit = {"id": "t", "visitor_id": "v1", "occurred_at": "2025-01-16T10:00:00Z", "source": "vk", "medium": "cpc"}
    world.tell({"touches": [visit]})
    world.attribute()
    assert world.figures("source", "leads", first=date(2025, 1, 1)) == {"newspaper": 1, "vk": 1}
