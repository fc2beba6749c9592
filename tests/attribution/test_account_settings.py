"""What administrators set holds over the environment, in every process, and stands in versions and in the audit log."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from attribution.account import Account
from attribution.account_settings import NAMES, account_version, account_versions, change_account, last_changes
from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.database import open_database
from infra.errors import DatabaseUnavailable, InvalidInput
from infra.settings import Settings, read_settings

CLOCK = FrozenClock(datetime(2026, 7, 1, tzinfo=UTC))


def environment(**told: Any) -> Settings:
    return read_settings(_env_file=None, **told)


def account(database: Engine, clock: FrozenClock = CLOCK, **told: Any) -> Account:
    return Account(environment(**told), lambda: database, clock)


def test_what_is_set_holds_over_the_environment_and_can_be_left_to_it_again(database: Engine) -> None:
    ours = account(database, vat_percent=18, currency="KZT")
    assert ours.settings().vat_percent == 18
    kept = ours.change({"vat_percent": "22", "net_of_vat": "no", "currency": "eur"}, author="Ann")
    assert (kept.version, kept.author) == (1, "Ann")
    assert dict(kept.told) == {"vat_percent": 22, "net_of_vat": False, "currency": "EUR"}
    held = ours.settings()
    assert (held.vat_percent, held.net_of_vat, held.currency, held.lookback_days) == (22, False, "EUR", 90)
    ours.change({"currency": None}, author="Bob")
    assert (ours.settings().currency, ours.settings().vat_percent) == ("KZT", 22)
    ours.change(dict.fromkeys(NAMES), author="Bob")
    assert ours.settings() == environment(vat_percent=18, currency="KZT")


def test_who_changed_what_is_kept(database: Engine) -> None:
    ours = account(database)
    for told, author in (({"late_minutes": 30}, "Ann"), ({"vat_percent": 22}, "Bob"), ({"vat_percent": 22}, "Cid")):
        ours.change(told, author=author)
    versions = account_versions(database)
    assert [(each.version, each.author) for each in versions] == [(2, "Bob"), (1, "Ann")], "Cid changed nothing"
    assert {name: each.author for name, each in last_changes(versions).items()} == {
        "late_minutes": "Ann", "vat_percent": "Bob",
    }  # fmt: skip
    changes, _ = find_changes(database, what="account settings")
    assert [(each.who, each.before, each.after) for each in changes] == [
        ("Bob", '{"late_minutes":30}', '{"late_minutes":30,"vat_percent":22.0}'), ("Ann", "{}", '{"late_minutes":30}'),
    ]  # fmt: skip


def test_a_kind_that_is_not_named_has_the_environments_lookback(database: Engine) -> None:
    ours = account(database, lookback_days_by_kind={"sale": 180, "visit": 60})
    ours.change({"lookback_days_by_kind": {"sale": 120}}, author="Ann")
    assert ours.settings().lookback_days_by_kind == {"sale": 120, "visit": 60}
    ours.change({"lookback_days_by_kind": {}}, author="Ann")
    assert ours.settings().lookback_days_by_kind == {"sale": 180, "visit": 60}


@pytest.mark.parametrize(
    "told",
    [
        {"vat_percent": 101}, {"vat_percent": float("nan")}, {"currency": "ABC"}, {"currency": 5}, {"net_of_vat": "?"},
        {"lookback_days": 0}, {"lookback_days": 3.5}, {"lookback_days_by_kind": {"sale": 0}}, {"late_minutes": 0},
        {"lookback_days_by_kind": {"party": 5}}, {"lookback_days_by_kind": [1]}, {"unprocessed_hours": 1001},
        {"lead_window_days": -1}, {"timezone": "UTC"}, {"strange": None},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_kept(database: Engine, told: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        account(database).change({"late_minutes": 30} | told, author="Ann")
    assert refused.value.where == next(iter(told))
    assert account_version(database).version == 0


def test_nobody_overwrites_what_somebody_set_meanwhile(database: Engine) -> None:
    ours = account(database)
    ours.change({"vat_percent": 22}, author="Ann", based_on=0)
    with pytest.raises(InvalidInput, match="Ann changed the settings meanwhile"):
        ours.change({"vat_percent": 5}, author="Bob", based_on=0)
    assert ours.settings().vat_percent == 22


def test_of_many_at_once_each_is_kept_or_refused(database: Engine) -> None:
    def change(minutes: int) -> bool:
        try:
            change_account(database, {"late_minutes": minutes}, author=str(minutes), clock=CLOCK)
        except InvalidInput:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        kept = sum(pool.map(change, range(1, 13)))
    versions = account_versions(database)
    assert [each.version for each in versions] == list(range(kept, 0, -1))
    assert kept >= 1


def test_another_process_sees_a_change_within_a_second(database: Engine, migrated_address: str) -> None:
    """Two engines over one database, as two processes have them."""
    clock = FrozenClock(datetime(2026, 7, 1, tzinfo=UTC))
    other = open_database(migrated_address)
    ours, theirs = account(database, clock), account(other, clock)
    before = theirs.settings()
    ours.change({"late_minutes": 15}, author="Ann")
    assert ours.settings().late_minutes == 15, "here at once"
    assert theirs.settings() is before
    clock.advance(timedelta(seconds=1))
    assert theirs.settings().late_minutes == 15
    held = theirs.settings()
    clock.advance(timedelta(seconds=1))
    assert theirs.settings() is held, "nothing changed"
    other.dispose()


def test_where_the_database_is_out_of_reach_they_stay_as_they_were_known(database: Engine) -> None:
    clock = FrozenClock(datetime(2026, 7, 1, tzinfo=UTC))
    engines = [database]
    ours = Account(environment(), lambda: engines[0], clock)
    ours.change({"late_minutes": 15}, author="Ann")
    assert ours.settings().late_minutes == 15
    engines[0] = open_database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    clock.advance(timedelta(minutes=1))
    assert ours.settings().late_minutes == 15
    unknown = Account(environment(), lambda: engines[0], clock)
    with pytest.raises(DatabaseUnavailable):
        unknown.settings()
