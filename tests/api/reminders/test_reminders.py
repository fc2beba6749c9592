"""Reminders of deadlines through a real mail server: to whom, when, in which language, and never twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from email.message import EmailMessage
from urllib.parse import quote

import pytest
from sqlalchemy import select

from api.bootstrap import Services
from api.views.tables import mailings
from infra.clock import FrozenClock
from planning.approval.people import Person
from planning.approval.reminding import switch_reminders
from planning.plans import PlanVersion
from tests.api.reminders.conftest import DUE, PEOPLE, go_to, post
from tests.planning.approval.conftest import approvals
from tests.ports import free_port
from tests.postfix_fixture import Postfix
from tests.submission_fixture import PASSWORD, USER, Submission

ANNA, BORIS, VERA = (user.email for user in PEOPLE)
ADMIN = Person("admin link")


def body(letter: EmailMessage, kind: str = "plain") -> str:
    found = letter.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def counts(postfix: Postfix) -> dict[str, int]:
    return {box: len(postfix.letters(box)) for box in ("anna", "boris", "vera")}


def agree_to_all(services: Services, version: PlanVersion) -> None:
    for each in approvals(services.database, version.id).values():
        if each.stage == "dealers":
            services.approvals.agree(each.id, person=ADMIN)


def test_a_digest_says_what_waits_with_links(holding: Services, postfix: Postfix, submitted: PlanVersion) -> None:
    go_to(holding, -3)
    post(holding)
    (letter,) = postfix.letters("anna", 1)
    assert letter["To"] == ANNA
    assert letter["Auto-Submitted"] == "auto-generated"
    key = approvals(holding.database, submitted.id)["dealers", "north"].id
    for kind in ("plain", "html"):
        assert f"https://loop.example.com/plans/approvals/{key}" in body(letter, kind)
        assert "https://loop.example.com/account" in body(letter, kind)
    assert "Север <b>" in body(letter)
    assert "<b>" not in body(letter, "html")
    assert "Север &lt;b&gt;" in body(letter, "html")
    assert counts(postfix) == {"anna": 1, "boris": 0, "vera": 0}


def test_one_a_day_on_the_days_of_the_process(holding: Services, postfix: Postfix, submitted: PlanVersion) -> None:
    """From the hour of the process on, however often somebody looks."""
    sent = []
    for day in range(-4, 9):
        before = len(postfix.letters("anna"))
        for hour in (7, 8, 12, 23):
            go_to(holding, day, hour)
            post(holding)
            if hour == 7:
                assert len(postfix.letters("anna")) == before
        due = day in (-3, -1, 1, 3, 7)
        sent.append(len(postfix.letters("anna", before + due)) - before)
    assert sent == [0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 0]


def test_the_next_level_is_told_after_days(holding: Services, postfix: Postfix, submitted: PlanVersion) -> None:
    go_to(holding, 5)
    post(holding)
    (letter,) = postfix.letters("boris", 1)
    assert letter["Subject"] == "Plans: 2 late with others"
    assert f"5 days late; {ANNA}" in body(letter)
    assert counts(postfix) == {"anna": 0, "boris": 1, "vera": 0}


def test_several_schedulers_at_the_same_moment_send_one(
    holding: Services, postfix: Postfix, submitted: PlanVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the warehouse is a server: whoever holds the embedded one is alone, and takes over what it finds."""
    monkeypatch.setattr(holding.environment, "warehouse", "clickhouse://closedloop@127.0.0.1:1/closedloop")
    go_to(holding, -1)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: post(holding), range(8)))
    postfix.letters("anna", 1)
    assert counts(postfix)["anna"] == 1
    with holding.database.connect() as connection:
        rows = connection.execute(select(mailings.c.state, mailings.c.delivered)).all()
    assert [(row.state, row.delivered) for row in rows] == [("sent", [ANNA])]


def test_what_is_done_before_it_could_be_sent_is_not_written_about(
    holding: Services, postfix: Postfix, clock: FrozenClock, submitted: PlanVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_to(holding, -1)
    up = holding.environment.smtp
    monkeypatch.setattr(holding.environment, "smtp", type(up)(f"smtp://127.0.0.1:{free_port()}"))
    post(holding)
    agree_to_all(holding, submitted)
    monkeypatch.setattr(holding.environment, "smtp", up)
    clock.advance(timedelta(minutes=2))
    post(holding)
    assert counts(postfix)["anna"] == 0
    with holding.database.connect() as connection:
        row = connection.execute(select(mailings.c.state, mailings.c.error)).one()
    assert (row.state, row.error) == ("missed", "Nothing waits any more.")


def test_a_server_that_was_down_gets_it_later(
    holding: Services, postfix: Postfix, clock: FrozenClock, submitted: PlanVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_to(holding, -1)
    up = holding.environment.smtp
    monkeypatch.setattr(holding.environment, "smtp", type(up)(f"smtp://127.0.0.1:{free_port()}"))
    post(holding)
    monkeypatch.setattr(holding.environment, "smtp", up)
    clock.advance(timedelta(hours=2))
    post(holding)
    postfix.letters("anna", 1)
    post(holding)
    assert counts(postfix)["anna"] == 1


def test_who_switched_them_off_gets_none_and_who_is_absent_neither(
    holding: Services, postfix: Postfix, clock: FrozenClock, submitted: PlanVersion
) -> None:
    leader = Person(VERA, PEOPLE[2].role)
    holding.delegations.add(ANNA, VERA, date(2026, 12, 14), date(2026, 12, 14), person=leader, today=holding.today)
    go_to(holding, -3)
    post(holding)
    (letter,) = postfix.letters("vera", 1)
    assert f"in place of {ANNA}" in body(letter)
    with holding.database.begin() as connection:
        switch_reminders(connection, ANNA, clock, on=False)
    go_to(holding, -1)
    post(holding)
    assert counts(postfix) == {"anna": 0, "boris": 0, "vera": 1}
    assert holding.today == DUE - timedelta(days=1)


def test_it_goes_through_a_server_that_asks_for_a_password(
    holding: Services, submission: Submission, submitted: PlanVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `tests/api/views/test_submission.py` does for views: STARTTLS, and Dovecot that knows the password."""
    monkeypatch.setenv("SSL_CERT_FILE", str(submission.server.certificate))
    address = f"smtp://{quote(USER)}:{quote(PASSWORD, safe='')}@localhost:{submission.starttls}?starttls"
    monkeypatch.setattr(holding.environment, "smtp", type(holding.environment.smtp)(address))
    go_to(holding, -3)
    post(holding)
    (letter,) = submission.server.letters("anna", 1)
    assert letter["To"] == ANNA


def test_neither_addresses_nor_names_are_logged(
    holding: Services, postfix: Postfix, submitted: PlanVersion, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(holding.environment, "smtp", type(holding.environment.smtp)(f"smtp://127.0.0.1:{free_port()}"))
    go_to(holding, -3)
    post(holding)
    assert "anna" not in caplog.text
