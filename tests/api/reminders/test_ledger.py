"""The ledger of mails in both databases: what is due is noted once, and overtakes what was due before."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from api.reminders.noting import addressee
from api.views.ledger import MailLedger
from api.views.tables import mailings
from infra.clock import FrozenClock

NOW = datetime(2026, 12, 14, 5, tzinfo=UTC)


def test_a_day_is_noted_once_and_overtakes_the_one_before(database: Engine) -> None:
    clock = FrozenClock(NOW)
    anna = addressee("anna@holding.example")
    for due_at in (NOW, NOW, NOW + timedelta(days=1)):
        MailLedger(database, clock).note_due(anna, due_at)
    with database.connect() as connection:
        rows = connection.execute(select(mailings.c.due_at, mailings.c.state).order_by(mailings.c.due_at)).all()
    assert [tuple(row) for row in rows] == [(NOW, "missed"), (NOW + timedelta(days=1), "waiting")]
    assert "anna" not in anna.id
    taken = MailLedger(database, clock).take()
    assert taken
    assert taken.recipients == ("anna@holding.example",)
    assert MailLedger(database, clock).take() is None
