"""Views that are mailed: what arrives, when, how often, and what is told where it does not."""

import io
from datetime import timedelta
from email.message import EmailMessage
from threading import Event
from typing import Any

import openpyxl
import pytest
from PIL import Image

from api.bootstrap import Services
from api.views.ledger import MailState, Overtaken
from api.views.moments import EVERY_WORKDAY, Rhythm
from api.views.postman import Postman
from api.views.schedules import Schedule
from infra.access.keys import Key
from infra.access.rights import Right, UserRole
from infra.access.users import User
from infra.settings import Settings
from tests.api.views.conftest import ANNA, BORIS, OWNER, clock_of, go_to, mails, post
from tests.api.views.mail_gate import mail_gate
from tests.attribution.world import NOW
from tests.ports import free_port
from tests.postfix_fixture import DOMAIN, Postfix

JANUARY = "/channels?by=channel&from=2026-01-01&to=2026-01-31"
AT_NINE = Rhythm(EVERY_WORKDAY, 0, 9)
WEDNESDAY = "2026-07-01T08:00"


def scheduled(services: Services, *recipients: str, form: str = "xlsx", owner: str = OWNER, **view: Any) -> Schedule:
    told = {"name": "Каналы за январь", "address": JANUARY, **view}
    saved = services.saved_views.save(told.pop("name"), told.pop("address"), viewer=owner, **told)
    return services.schedules.add(saved.id, form, AT_NINE, recipients or (ANNA,), viewer=owner)


@pytest.fixture(autouse=True)
def at_eight(services: Services) -> None:
    clock_of(services).advance(timedelta(0))
    go_to(services, WEDNESDAY)


def body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text


def files(letter: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_content() for part in letter.walk() if part.get_filename()}


def with_server(services: Services, monkeypatch: pytest.MonkeyPatch, smtp: str) -> None:
    monkeypatch.setattr(services, "environment", changed(services.environment, smtp))


def changed(settings: Settings, smtp: str) -> Settings:
    return settings.model_copy(update={"smtp": type(settings.smtp)(smtp)})


def test_a_view_arrives_as_a_workbook(services: Services, postfix: Postfix) -> None:
    schedule = scheduled(services, ANNA, BORIS)
    services.mail_ledger.ask(schedule)
    post(services)
    (letter,) = postfix.letters("anna", 1)
    assert len(postfix.letters("boris", 1)) == 1
    assert letter["Subject"] == "Каналы за январь · 1 Jan 2026 – 31 Jan 2026"
    assert letter["From"] == "Closed Loop <reports@holding.example>"
    assert letter["To"] == f"{ANNA}, {BORIS}"
    assert letter["Auto-Submitted"] == "auto-generated"
    text, html = body(letter, "plain"), body(letter, "html")
    link = f"https://loop.example.com/views/{schedule.view}"
    for told in (text, html):
        assert link in told
        assert "310 000" in told
        assert "Cost" in told
    ((name, content),) = files(letter).items()
    assert name == "Каналы за январь 1 Jan 2026 – 31 Jan 2026.xlsx"
    assert openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["A1"].value == "ROMI/CPL by channel"


def test_a_view_arrives_as_a_picture_within_the_letter(services: Services, postfix: Postfix) -> None:
    services.mail_ledger.ask(scheduled(services, form="png", address=JANUARY.replace("channel&", "campaign,channel&")))
    post(services)
    assert [each.error for each in mails(services)] == [""]
    (letter,) = postfix.letters("anna", 1)
    html = body(letter, "html")
    assert 'src="cid:report"' in html
    (part,) = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    assert part["Content-ID"] == "<report>"
    drawn = Image.open(io.BytesIO(part.get_content()))
    assert drawn.width == 1520
    assert 800 < drawn.height < 3000
    assert len(drawn.convert("RGB").getcolors(1 << 24) or ()) > 20


def test_names_are_no_html(services: Services, postfix: Postfix) -> None:
    services.mail_ledger.ask(scheduled(services, name="<script>alert(1)</script> & Co"))
    post(services)
    (letter,) = postfix.letters("anna", 1)
    assert "<script>" not in body(letter, "html")
    assert letter["Subject"].startswith("<script>alert(1)</script> & Co · ")


def test_it_comes_at_its_hour_on_its_days_once(services: Services, postfix: Postfix) -> None:
    scheduled(services)
    post(services)
    assert mails(services) == []
    go_to(services, "2026-07-01T09:00")
    for _ in range(3):
        post(services)
    assert [each.state for each in mails(services)] == [MailState.SENT]
    go_to(services, "2026-07-02T08:59")
    post(services)
    assert len(mails(services)) == 1
    go_to(services, "2026-07-02T09:30")
    post(services)
    go_to(services, "2026-07-05T12:00")  # Friday's mail, on Sunday: the service was down
    post(services)
    moments = [each.due_at.isoformat() for each in mails(services)]
    assert moments == [f"2026-07-0{day}T06:00:00+00:00" for day in (3, 2, 1)]
    assert len(postfix.letters("anna", 3)) == 3
    assert len({letter["Message-ID"] for letter in postfix.letters("anna", 3)}) == 3


def test_several_postmen_send_one_letter(services: Services, postfix: Postfix) -> None:
    postman = Postman(services)
    postman.run(Event())
    services.mail_ledger.ask(scheduled(services))
    taken = services.mail_ledger.take()
    assert taken is not None
    postman.run(Event())
    assert mails(services)[0].state == MailState.PREPARING
    clock_of(services).advance(timedelta(minutes=11))  # whoever had it has died
    postman.run(Event())
    with pytest.raises(Overtaken):
        services.mail_ledger.begin_handing(taken)
    assert len(postfix.letters("anna", 1)) == 1


def test_sent_now_twice_within_a_minute_is_sent_once(services: Services, postfix: Postfix) -> None:
    schedule = scheduled(services)
    assert services.mail_ledger.ask(schedule).id == services.mail_ledger.ask(schedule).id
    post(services)
    post(services)
    assert len(postfix.letters("anna", 1)) == 1


def test_what_is_paused_waits_and_what_is_removed_is_gone(services: Services, postfix: Postfix) -> None:
    schedule = scheduled(services)
    services.schedules.change(schedule.id, viewer=OWNER, paused=True)
    go_to(services, "2026-07-01T10:00")
    post(services)
    assert mails(services) == []
    services.schedules.change(schedule.id, viewer=OWNER, paused=False)
    post(services)
    assert mails(services) == []  # what was due while it was paused is not made up for
    go_to(services, "2026-07-02T10:00")
    services.schedules.remove(schedule.id, viewer=OWNER)
    post(services)
    assert postfix.letters("anna") == []


def test_a_server_that_is_down_is_tried_ever_more_slowly(
    services: Services, postfix: Postfix, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.mail_ledger.ask(scheduled(services))
    up = services.environment.smtp.get_secret_value()
    with_server(services, monkeypatch, f"smtp://127.0.0.1:{free_port()}")
    pauses = []
    for _ in range(4):
        post(services)
        (mail,) = mails(services)
        assert mail.next_at is not None
        pauses.append((mail.next_at - services.clock.now()) / timedelta(minutes=1))
        assert "Connection refused" in mail.error
        assert "CLOSEDLOOP_SMTP" in mail.help
        clock_of(services).advance(mail.next_at - services.clock.now())
    assert pauses == [1, 2, 4, 8]
    with_server(services, monkeypatch, up)
    post(services)
    (mail,) = mails(services)
    assert (mail.state, mail.tries, mail.error) == (MailState.SENT, 5, "")
    assert len(postfix.letters("anna", 1)) == 1


def test_after_a_day_it_is_given_up(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    services.mail_ledger.ask(scheduled(services))
    with_server(services, monkeypatch, "")
    for _ in range(60):
        post(services)
        (mail,) = [each for each in mails(services) if each.due_at < NOW + timedelta(hours=5, minutes=30)]
        if mail.next_at is None:
            break
        clock_of(services).advance(mail.next_at - services.clock.now())
    assert mail.state in (MailState.FAILED, MailState.MISSED)
    assert services.clock.now() - mail.due_at <= timedelta(days=1)


def test_no_server_is_told_with_what_to_do(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    services.mail_ledger.ask(scheduled(services))
    with_server(services, monkeypatch, "")
    post(services)
    (mail,) = mails(services)
    assert mail.error == "CLOSEDLOOP_SMTP: no mail server is set."
    assert mail.help.startswith("Write smtp://user:password@host:587?starttls")


def test_a_recipient_who_is_refused_is_told_and_the_others_have_it(services: Services, postfix: Postfix) -> None:
    nobody = f"nobody@{DOMAIN}"
    services.mail_ledger.ask(scheduled(services, nobody, ANNA))
    post(services)
    (mail,) = mails(services)
    assert (mail.state, mail.delivered, list(mail.refused)) == (MailState.SENT, (ANNA,), [nobody])
    assert nobody in mail.error
    assert mail.help
    assert len(postfix.letters("anna", 1)) == 1


def test_where_all_are_refused_it_failed(services: Services, postfix: Postfix) -> None:
    services.mail_ledger.ask(scheduled(services, f"nobody@{DOMAIN}"))
    post(services)
    (mail,) = mails(services)
    assert (mail.state, mail.next_at) == (MailState.FAILED, None)
    assert "recipients" in mail.help


def test_a_lost_answer_is_tried_again_under_the_same_id(
    services: Services, postfix: Postfix, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one case in which a letter may come twice."""
    services.mail_ledger.ask(scheduled(services))
    with mail_gate(postfix.port) as gate:
        gate.loses_answers = True
        with_server(services, monkeypatch, f"smtp://127.0.0.1:{gate.port}")
        post(services)
        (mail,) = mails(services)
        assert (mail.state, mail.unanswered) == (MailState.WAITING, 1)
        assert "may arrive twice" in mail.help
        gate.loses_answers = False
        clock_of(services).advance(timedelta(minutes=2))
        post(services)
    (mail,) = mails(services)
    assert (mail.state, mail.as_dict()["may_be_double"]) == (MailState.SENT, True)
    assert len({letter["Message-ID"] for letter in postfix.letters("anna", 2)}) == 1


def test_answers_that_are_always_lost_are_not_waited_for_for_ever(
    services: Services, postfix: Postfix, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.mail_ledger.ask(scheduled(services))
    with mail_gate(postfix.port) as gate:
        gate.loses_answers = True
        with_server(services, monkeypatch, f"smtp://127.0.0.1:{gate.port}")
        for _ in range(6):
            post(services)
            clock_of(services).advance(timedelta(minutes=8))
    (mail,) = [each for each in mails(services) if each.unanswered]
    assert (mail.state, mail.unanswered) == (MailState.FAILED, 3)
    assert "may have arrived" in mail.help


def test_a_view_that_cannot_be_computed_any_more_is_told(services: Services) -> None:
    services.mail_ledger.ask(scheduled(services, address="/channels?measures=profit_per_moon"))
    post(services)
    (mail,) = mails(services)
    assert mail.state == MailState.FAILED
    assert "profit_per_moon" in mail.error


def test_it_is_computed_with_the_rights_of_its_owner(services: Services, postfix: Postfix) -> None:
    director = services.users.add(User("director@holding.example", UserRole.MARKETING_DIRECTOR), author="t")
    marketer = User("north@holding.example", UserRole.DEALER_MARKETER, dealers=("north",))
    services.users.add(marketer, author="t")
    key, _ = services.keys.add(Key("partner", frozenset({Right.REPORTS})), author="t")
    for owner, leads in ((director.email, 30), (marketer.email, 10), (f"key {key.name}", 30)):
        postfix.empty()
        schedule = scheduled(services, owner=owner)
        services.mail_ledger.ask(schedule)
        post(services)
        assert services.mail_ledger.newest([schedule.id])[0].error == "", owner
        (letter,) = postfix.letters("anna", 1)
        assert f"Leads: {leads}\n" in body(letter, "plain")
        assert ("south" in str(letter)) <= (leads == 30)

    services.users.change(
        User(director.email, UserRole.MARKETING_DIRECTOR, id=director.id, is_active=False), author="t"
    )
    clock_of(services).advance(timedelta(minutes=1))
    of_all = scheduled(services, owner=marketer.email, address="/api/reports/cost-matching")
    (gone,) = services.schedules.list(director.email)
    for schedule, why in ((of_all, "of the whole holding"), (gone, "may not read reports any more")):
        services.mail_ledger.ask(schedule)
        post(services)
        (mail, *_) = services.mail_ledger.newest([schedule.id])
        assert mail.state == MailState.FAILED
        assert why in mail.error
        assert mail.help


def test_neither_recipients_nor_a_servers_words_are_logged(
    services: Services, postfix: Postfix, caplog: pytest.LogCaptureFixture
) -> None:
    services.mail_ledger.ask(scheduled(services, f"nobody@{DOMAIN}"))
    post(services)
    assert "nobody@" not in caplog.text
