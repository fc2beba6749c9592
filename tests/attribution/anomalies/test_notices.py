"""A notice is raised once, whoever asks how often, and ends by itself."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from attribution.anomalies.finding import Finding
from attribution.anomalies.notices import Notices, NoticeState
from infra.audit import audit_log
from infra.clock import FrozenClock
from infra.errors import NotFound
from tests.attribution.world import NOW

DAY = date(2026, 6, 30)


def finding(
    kind: str = "calls_low", subject: str = "d1", since: date = DAY, subject_kind: str = "dealer", **more: float
) -> Finding:
    told = {"observed": 0.0, "expected": 20.0, "probability": 1e-9, "money": 1000.5} | more
    return Finding(kind, subject_kind, subject, since, text="too few calls", **told)


@pytest.fixture
def notices(database: Engine) -> Notices:
    return Notices(database, FrozenClock(NOW))


def tell(notices: Notices, found: list[Finding], day: date) -> int:
    return sum(notices.raise_new(each, "why", day) for each in notices.going_on(found, day))


def test_the_same_is_told_once_though_its_start_is_seen_otherwise_later(notices: Notices) -> None:
    assert tell(notices, [finding()], DAY) == 1
    assert tell(notices, [finding()], DAY) == 0
    later = finding(since=DAY - timedelta(days=1), expected=30.0, money=1500.0)
    assert tell(notices, [later], DAY + timedelta(days=1)) == 0
    (notice,) = notices.all()
    assert (notice.since, notice.seen_on, notice.money) == (DAY, DAY + timedelta(days=1), Decimal("1500.0000"))
    assert notices.raise_new(finding(), "another worker was faster", DAY) is False


def test_what_follows_from_a_notice_is_told_in_it(notices: Notices) -> None:
    tell(notices, [finding()], DAY)
    assert tell(notices, [finding("leads_low", since=DAY + timedelta(days=2))], DAY + timedelta(days=2)) == 0
    assert tell(notices, [finding("leads_low", since=DAY + timedelta(days=20))], DAY + timedelta(days=20)) == 1
    assert tell(notices, [finding("leads_low", subject="d2")], DAY) == 1


def test_what_all_do_is_not_told_of_each(notices: Notices) -> None:
    tell(notices, [finding(subject="all", subject_kind="all")], DAY)
    assert tell(notices, [finding()], DAY) == 0
    assert tell(notices, [finding("leads_low")], DAY) == 1


def test_what_a_channel_does_is_not_told_of_the_contractor_who_runs_it(notices: Notices) -> None:
    tell(notices, [finding("sessions_low", "search", subject_kind="channel", expected=800.0)], DAY)
    assert tell(notices, [finding("sessions_low", "agency", subject_kind="contractor", expected=790.0)], DAY) == 0
    assert tell(notices, [finding("sessions_low", "other", subject_kind="contractor", expected=90.0)], DAY) == 1


def test_a_notice_ends_by_itself_and_what_comes_again_is_new(notices: Notices) -> None:
    tell(notices, [finding()], DAY)
    assert notices.end(DAY + timedelta(days=1)) == 0
    assert notices.end(DAY + timedelta(days=2)) == 1
    assert notices.all() == []
    (ended,) = notices.all([NoticeState.ENDED])
    assert ended.ended_at == NOW
    again = DAY + timedelta(days=9)
    assert tell(notices, [finding(since=again)], again) == 1


def test_somebody_acknowledges_it_once_and_that_is_noted(notices: Notices, database: Engine) -> None:
    tell(notices, [finding()], DAY)
    (notice,) = notices.all()
    assert notices.acknowledge(notice.id, who="anna").acknowledged_by == "anna"
    assert notices.acknowledge(notice.id, who="ivan").acknowledged_by == "anna"
    assert tell(notices, [finding()], DAY + timedelta(days=1)) == 0
    assert [each.state for each in notices.all()] == ["acknowledged"]
    with database.connect() as connection:
        assert [row.who for row in connection.execute(select(audit_log).where(audit_log.c.what == "notice"))] == [
            "anna"
        ]
    with pytest.raises(NotFound):
        notices.acknowledge(notice.id + 1, who="anna")


def test_the_most_urgent_stand_first(notices: Notices) -> None:
    tell(notices, [
        finding(subject="little", observed=15.0), finding(subject="much", money=9000.0), finding(subject="some"),
    ], DAY)  # fmt: skip
    assert [each.subject for each in notices.all()] == ["much", "some", "little"]
