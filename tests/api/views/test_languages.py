"""Mails in the language of their schedule, else of its owner, else English."""

import io
from email.message import EmailMessage

import openpyxl
import pytest

from api.bootstrap import Services
from api.language import speaking
from api.views.drawing.words import brief, moment, titled, told
from api.views.moments import EVERY_WORKDAY, Rhythm
from attribution.measures import MEASURES
from infra.access.rights import UserRole
from infra.access.users import User
from tests.api.views.conftest import OWNER, mails, post
from tests.api.views.test_mail import body, files
from tests.postfix_fixture import DOMAIN, Postfix

JANUARY = "/channels?by=channel&from=2026-01-01&to=2026-01-31&where=-channel:email"
ANNA = f"anna@{DOMAIN}"


def sent(services: Services, postfix: Postfix, owner: str, language: str = "", form: str = "xlsx") -> EmailMessage:
    view = services.saved_views.save("Views", JANUARY, viewer=owner)
    rhythm = Rhythm(EVERY_WORKDAY, 0, 9)
    schedule = services.schedules.add(view.id, form, rhythm, [ANNA], viewer=owner, language=language)
    services.mail_ledger.ask(schedule)
    post(services)
    assert [each.error for each in mails(services)] == [""]
    (letter,) = postfix.letters("anna", 1)
    return letter


@pytest.fixture
def russian(services: Services) -> str:
    """A user who reads Russian."""
    user = User("olga@holding.example", UserRole.MARKETING_DIRECTOR, language="ru")
    return services.users.add(user, author="test").email


def test_a_mail_is_in_the_language_of_its_owner(services: Services, postfix: Postfix, russian: str) -> None:
    letter = sent(services, postfix, russian)
    assert letter["Subject"] == "Views · 1 янв. 2026 – 31 янв. 2026"
    text, html = body(letter, "plain"), body(letter, "html")
    assert '<html lang="ru">' in html
    for said in (text, html):
        for words in ("Расходы", "Фильтры", "все, кроме канал: email", "расписание: пн–пт в 9:00", "Рассчитано"):
            assert words in said
        assert "Computed" not in said
    (content,) = files(letter).values()
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.worksheets[1].title == "Об отчёте"
    sheet = book.worksheets[0]
    assert sheet["A1"].value == "ROMI/CPL: канал"
    assert sheet["A2"].value.startswith("1 янв. 2026 – 31 янв. 2026 · Последнее непрямое касание · по дате конверсии")
    assert sheet["A3"].value.startswith("Фильтры: все, кроме канал: email")
    assert [cell.value for cell in sheet[5]][:2] == ["Канал", "Расходы"]


def test_a_schedule_may_say_another_language(services: Services, postfix: Postfix, russian: str) -> None:
    letter = sent(services, postfix, russian, "uk", "png")
    assert letter["Subject"] == "Views · 1 січ. 2026 – 31 січ. 2026"
    assert "Надіслано Closed Loop" in body(letter, "html")


def test_a_key_has_no_language(services: Services, postfix: Postfix) -> None:
    letter = sent(services, postfix, OWNER)
    assert letter["Subject"] == "Views · 1 Jan 2026 – 31 Jan 2026"
    assert "Sent by Closed Loop Mon to Fri at 9:00." in body(letter, "plain")


def test_a_picture_is_labelled_in_the_language_that_is_spoken() -> None:
    cost = next(each for each in MEASURES if each.slug == "cost")
    romi = next(each for each in MEASURES if each.slug == "romi")
    with speaking("ru"):
        assert (titled(cost), brief(cost, 1_234_567), told(romi, 0.125)) == ("Расходы", "1,2 млн", "12,5%")
        assert (moment("2026-01-01", "month"), moment("2026-01-31", "day")) == ("янв. 2026", "31 янв.")
    assert (titled(cost), brief(cost, 1_234_567), told(romi, 0.125)) == ("Cost", "1.2 m", "12.5%")
    assert (moment("2026-01-01", "month"), moment("2026-01-31", "day")) == ("Jan 2026", "31 Jan")
