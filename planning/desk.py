"""What whoever works on funds or tasks needs: the database, the clock, the account's days, and files."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from infra.clock import Clock
from planning.files import FileStore


@dataclass(frozen=True, slots=True)
class Desk:
    """Safe to use from several threads. `currency` is the account's, for programmes that name none."""

    engine: Engine
    clock: Clock
    zone: ZoneInfo
    currency: str
    files: FileStore

    @property
    def today(self) -> date:
        """In the account's time zone."""
        return self.day_of(self.clock.now())

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()
