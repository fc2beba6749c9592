"""Versions of what administrators set for the account. What was never set is as the environment says.

The newest version holds; version 0 sets nothing.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError
from sqlalchemy import JSON, Column, Connection, Engine, Integer, String, Table, select

from attribution.runs import KINDS
from infra.account import AccountSettings
from infra.audit import note_change
from infra.clock import Clock
from infra.database import insert_or_meet, metadata
from infra.database.moments import UtcMoment
from infra.errors import InvalidInput
from infra.settings import Settings

CHANGE = "account settings"
NAMES = tuple(AccountSettings.model_fields)
BY_KIND = "lookback_days_by_kind"
_log = logging.getLogger(__name__)

account_settings = Table(
    "account_settings",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("at", UtcMoment, nullable=False),
    Column("author", String(200), nullable=False),
    Column("told", JSON, nullable=False),
)
_by_version = select(account_settings).order_by(account_settings.c.version.desc())


@dataclass(frozen=True, slots=True)
class AccountVersion:
    """`told` are the settings that were set, by name, and no others. `at` is in UTC, None for version 0."""

    version: int = 0
    told: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    author: str = ""


def wrong_settings(told: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each, by its name: those that are not there are right."""
    wrong = {name: "there is no such setting" for name in told if name not in NAMES}
    kinds = told.get(BY_KIND)
    if isinstance(kinds, Mapping) and (strange := [kind for kind in kinds if kind not in KINDS]):
        wrong[BY_KIND] = f"there is no kind of conversion {strange[0]!r}: the kinds are {', '.join(KINDS)}"
    try:
        AccountSettings.model_validate(dict(told))
    except ValidationError as error:
        for each in error.errors():
            wrong.setdefault(str(each["loc"][0]), each["msg"].removeprefix("Value error, "))
    return wrong


def with_account(environment: Settings, told: Mapping[str, Any]) -> Settings:
    """The environment's settings under those that were told.

    A kind of conversion without a look-back that was told has the environment's.
    """
    kept = AccountSettings.model_validate(dict(told)).model_dump(exclude_unset=True)
    if BY_KIND in kept:
        kept[BY_KIND] = environment.lookback_days_by_kind | kept[BY_KIND]
    return environment.model_copy(update=kept)


def account_version(engine: Engine) -> AccountVersion:
    """The newest. What can be no longer, by the limits of today, is left out of it."""
    with engine.connect() as connection:
        return _newest(connection)


def account_versions(engine: Engine) -> Sequence[AccountVersion]:
    """All that were kept, the newest first."""
    with engine.connect() as connection:
        return [_version(row) for row in connection.execute(_by_version)]


def change_account(
    engine: Engine, changed: Mapping[str, Any], *, author: str, clock: Clock, based_on: int | None = None
) -> AccountVersion:
    """Set these, and leave the others; None (or no look-back of any kind) is as the environment says again.

    A new version, where anything differs. Raises `InvalidInput` for a value that cannot be, and where the newest
    version is not the one that the change is `based_on`.
    """
    told = {name: value for name, value in changed.items() if value is not None and (name, value) != (BY_KIND, {})}
    _check(told, changed)
    right = AccountSettings.model_validate(told).model_dump(exclude_unset=True)
    with engine.begin() as connection:
        before = _newest(connection)
        if based_on not in (None, before.version):
            raise _changed_meanwhile(before)
        after = {name: value for name, value in before.told.items() if name not in changed} | right
        if after == before.told:
            return before
        row = {"version": before.version + 1, "at": clock.now(), "author": author, "told": after}
        keep = (
            insert_or_meet(connection, account_settings).on_conflict_do_nothing().returning(account_settings.c.version)
        )
        if connection.scalar(keep.returning(account_settings.c.version), row) is None:
            raise _changed_meanwhile(_newest(connection))
        note_change(connection, clock, who=author, what=CHANGE, before=_written(before.told), after=_written(after))
        return _newest(connection)


def with_earlier(versions: Sequence[AccountVersion]) -> Iterator[tuple[AccountVersion, AccountVersion]]:
    """Each of the `versions`, which are the newest first, and the one before it."""
    yield from zip(versions, [*versions[1:], AccountVersion()], strict=False)


def last_changes(versions: Sequence[AccountVersion]) -> dict[str, AccountVersion]:
    """By name of each setting that is set, the version that made it what it is. `versions` are the newest first."""
    return {
        name: next(version for version, earlier in with_earlier(versions) if earlier.told.get(name) != value)
        for name, value in (versions[0].told.items() if versions else ())
    }


def _check(told: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
    wrong = wrong_settings({name: value for name, value in changed.items() if name in told or name not in NAMES})
    for name, why in wrong.items():
        raise InvalidInput(
            f"{name}: {why}.",
            where=name,
            help=f"The settings are {', '.join(NAMES)}; null is as the environment says.",
        )


def _newest(connection: Connection) -> AccountVersion:
    row = connection.execute(_by_version.limit(1)).one_or_none()
    return _version(row) if row else AccountVersion()


def _version(row: Any) -> AccountVersion:
    wrong = wrong_settings(row.told)
    for name in wrong:
        _log.warning("the setting %s of version %d can be no longer: the environment's holds", name, row.version)
    told = {name: value for name, value in row.told.items() if name not in wrong}
    return AccountVersion(row.version, told, row.at, row.author)


def _changed_meanwhile(newest: AccountVersion) -> InvalidInput:
    return InvalidInput(
        f"{newest.author or 'Somebody'} changed the settings meanwhile.",
        where="version",
        help="Load the page again, and write your change into what is set now.",
    )


def _written(told: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(told), option=orjson.OPT_SORT_KEYS).decode()
