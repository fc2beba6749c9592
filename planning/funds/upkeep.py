"""What the calendar does to funds: fixed sums are earned as quarters begin, and what is unspent expires as they end."""

import logging

from attribution.visibility import EVERYTHING
from infra.errors import InvalidInput
from planning.desk import Desk
from planning.funds.accruing import SYSTEM, accrue, open_fund
from planning.funds.dealers import fund_dealers
from planning.funds.ledger import buckets_of, of_programme
from planning.funds.programme import Programme
from planning.funds.programme_register import find_programme, list_programmes

_log = logging.getLogger(__name__)


def keep_up(desk: Desk) -> int:
    """Post what is due today, each programme in a transaction of its own; how many funds that changed.

    As often as anybody likes: what is posted is not posted again.
    """
    with desk.engine.connect() as connection:
        programmes = list_programmes(connection)
    return sum(_accrue(desk, each) + _expire(desk, each) for each in programmes)


def _accrue(desk: Desk, programme: Programme) -> int:
    """A dealer of whom the rules now take back what is spent keeps the others from nothing."""
    with desk.engine.connect() as connection:
        dealers = fund_dealers(connection, EVERYTHING)
    changed = 0
    for dealer in dealers:
        try:
            with desk.engine.begin() as connection:
                held = find_programme(connection, programme.id, held=True)
                changed += accrue(connection, desk, held, [dealer])
        except InvalidInput as error:
            _log.warning("fund programme %d: %s", programme.id, error.message)
    return changed


def _expire(desk: Desk, programme: Programme) -> int:
    with desk.engine.connect() as connection:
        due = [
            fund.dealer
            for fund, buckets in buckets_of(connection, of_programme(programme.id)).items()
            if any(
                bucket.available and programme.has_expired(quarter, desk.today) for quarter, bucket in buckets.items()
            )
        ]
    for dealer in due:
        with desk.engine.begin() as connection:
            open_fund(connection, desk, find_programme(connection, programme.id, held=True), dealer, SYSTEM)
    return len(due)
