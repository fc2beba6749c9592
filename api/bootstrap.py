"""The composition root: the only place that chooses which log, warehouse and database stand behind the interfaces."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

import orjson
from sqlalchemy import Engine

from api.per_run import PerRun
from api.planning_services import PlanningServices
from api.rates import Rates
from api.single_sign_on import SingleSignOn
from api.views.ledger import MailLedger
from api.views.saved import SavedViews
from api.views.schedules import Schedules
from attribution.account import Account
from attribution.anomalies.notices import Notices
from attribution.defining import Definitions
from attribution.outbound.register import DestinationRegister
from attribution.outbound.sending import Sender
from attribution.tracking_numbers import numbers_in_use
from collectors.delivery_reader import DeliveryReader
from collectors.events import FAMILIES
from collectors.expenses import Expense, find_expenses
from collectors.forwarding.ledger import ForwardLedger
from collectors.forwarding.reader import ForwardReader
from collectors.forwarding.register import TargetRegister
from collectors.forwarding.returning import Returning
from collectors.forwarding.rules import Numbers
from collectors.forwarding.sending import Forwarder
from collectors.intake import Intake
from collectors.protocols.inbox import Inbox
from collectors.protocols.meanings import Meanings
from collectors.protocols.segment import SegmentReader
from collectors.pulling import Puller
from collectors.rejections import FieldError, Rejection, RejectionStore
from collectors.sources.progress import SourceProgress
from collectors.sources.register import SourceRegister
from collectors.tracker.leases import NumberLeases
from collectors.tracker.reception import Reception
from collectors.tracker.sites import Sites
from collectors.tracker.tally import SiteTally
from collectors.translation import Translator
from collectors.visits.book import VisitBook
from collectors.visits.issued import VisitNumbers
from collectors.visits.links import CardLinks
from infra.access.keys import KeyRegister
from infra.access.sessions import Sessions
from infra.access.users import UserRegister
from infra.clock import Clock, SystemClock
from infra.database import Turn, is_there, migrate_database, open_database, taking_turns
from infra.errors import Unavailable
from infra.folders import make_folder
from infra.loader import GROUP, Loader
from infra.log import LogOptions, open_log
from infra.log.base import Backlog, EventLog
from infra.secrets import SecretBox
from infra.settings import Settings, keep_key
from infra.warehouse import Warehouse, open_warehouse
from infra.warehouse.migrate import migrate

PACKAGES = ("infra", "collectors", "attribution")
WITH_TABLES = (*PACKAGES, "planning", "api")


class Services(PlanningServices):
    """Every part of the running product, each opened when it is first asked for."""

    def __init__(self, environment: Settings, clock: Clock | None = None) -> None:
        self.environment = environment  # as the process was started; it never changes
        self.clock = clock or SystemClock()
        self.alone = True  # no other process takes events in

    @property
    def settings(self) -> Settings:
        """Those in force: what administrators change holds within a second, in every process.

        Whoever keeps them keeps them as they were. Raises `DatabaseUnavailable` where nothing is known yet.
        """
        if "database" not in self.__dict__ and not is_there(self.environment.database):
            return self.environment
        return self.account.settings()

    @cached_property
    def account(self) -> Account:
        return Account(self.environment, lambda: self.database, self.clock)

    @property
    def today(self) -> date:
        """In the account's time zone."""
        return self.clock.now().astimezone(self.environment.zone).date()

    @cached_property
    def log(self) -> EventLog:
        make_folder(self.environment.data, "CLOSEDLOOP_DATA")
        return open_log(self.environment.log, self.clock, _log_options(self.environment))

    @cached_property
    def warehouse(self) -> Warehouse:
        """Roles that start together migrate it in turn: a migration may drop what a later one makes."""
        warehouse = open_warehouse(self.environment)
        if self.environment.embedded_warehouse:
            migrate(warehouse, PACKAGES)
        else:
            with taking_turns(self.database, Turn.MIGRATE_WAREHOUSE):
                migrate(warehouse, PACKAGES)
        return warehouse

    @cached_property
    def database(self) -> Engine:
        engine = open_database(self.environment.database)
        migrate_database(engine, WITH_TABLES)
        return engine

    @cached_property
    def rejections(self) -> RejectionStore:
        return RejectionStore(self.database)

    @cached_property
    def intake(self) -> Intake:
        return Intake(
            self.log, self.rejections, self.clock, self.environment, self.leases, self.returning, alone=self.alone
        )

    @cached_property
    def leases(self) -> NumberLeases:
        lasting = timedelta(minutes=self.environment.number_lease_minutes)
        grace = timedelta(minutes=self.environment.number_grace_minutes)
        return NumberLeases(self.database, self.clock, lasting=lasting, grace=grace)

    @cached_property
    def sites(self) -> Sites:
        return Sites(self.sources, self.clock, self.environment.country)

    @cached_property
    def site_tally(self) -> SiteTally:
        return SiteTally(self.database, self.progress, self.clock)

    @cached_property
    def reception(self) -> Reception:
        return Reception(self.sites, self.leases, self.visit_numbers, self.intake, self.site_tally, self.clock)

    @property
    def opened_intake(self) -> Intake | None:
        """None before anybody has asked for `intake`: to open its stores may take a while."""
        return self.__dict__.get("intake")

    @cached_property
    def secret_box(self) -> SecretBox:
        return SecretBox(self.environment.secret_key.get_secret_value() or keep_key(self.environment.data, "secret"))

    @cached_property
    def sources(self) -> SourceRegister:
        return SourceRegister(self.database, self.secret_box, self.clock)

    @cached_property
    def definitions(self) -> Definitions:
        return Definitions(self.database, self.clock)

    @cached_property
    def destinations(self) -> DestinationRegister:
        return DestinationRegister(self.database, self.secret_box, self.clock)

    @cached_property
    def sender(self) -> Sender:
        """Hands conversions over. Who holds the embedded warehouse is alone: senders before it are gone."""
        if self.environment.embedded_warehouse:
            self.warehouse  # noqa: B018  # held from here on
            self.destinations.free_all()
        return Sender(lambda: self.warehouse, self.database, self.destinations, self.clock, lambda: self.settings)

    @cached_property
    def visit_numbers(self) -> VisitNumbers:
        return VisitNumbers(self.database, self.clock)

    @cached_property
    def visits(self) -> VisitBook:
        links = CardLinks(self.secret_box, self.clock, self.environment.address)
        return VisitBook(lambda: self.warehouse, self.visit_numbers, links)

    @cached_property
    def forward_targets(self) -> TargetRegister:
        return TargetRegister(self.database, self.secret_box, self.clock)

    @cached_property
    def forward_ledger(self) -> ForwardLedger:
        return ForwardLedger(self.database, self.secret_box, self.clock)

    @cached_property
    def returning(self) -> Returning:
        return Returning(self.forward_ledger, self.visit_numbers, self.clock)

    @cached_property
    def forwarder(self) -> Forwarder:
        """Hands leads over. Who holds the embedded warehouse is alone: forwarders before it are gone."""
        if self.environment.embedded_warehouse:
            self.warehouse  # noqa: B018  # held from here on
            self.forward_targets.free_all()
        return Forwarder(
            self.forward_targets,
            self.forward_ledger,
            self.sources,
            self.visits,
            self.clock,
            kept_in=self.environment.country if self.environment.data_stay_in_country else "",
        )

    def new_forward_reader(self) -> ForwardReader:
        def numbers() -> Numbers:
            return numbers_in_use(self.database, self.clock.now().astimezone(self.environment.zone).date())

        return ForwardReader(
            self.log, self.forward_targets, self.forward_ledger, self.sources, self.secret_box, self.clock, numbers
        )

    @cached_property
    def users(self) -> UserRegister:
        return UserRegister(self.database, self.clock)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.database, self.users, self.clock)

    @cached_property
    def single_sign_on(self) -> SingleSignOn:
        return SingleSignOn(self.environment)

    @cached_property
    def keys(self) -> KeyRegister:
        return KeyRegister(self.database, self.clock)

    @cached_property
    def rates(self) -> Rates:
        return Rates(self.environment.requests_per_minute)

    @cached_property
    def saved_views(self) -> SavedViews:
        return SavedViews(self.database, self.clock)

    @cached_property
    def schedules(self) -> Schedules:
        return Schedules(self.database, self.clock)

    @cached_property
    def mail_ledger(self) -> MailLedger:
        return MailLedger(self.database, self.clock)

    @cached_property
    def per_run(self) -> PerRun:
        return PerRun(self.environment.page_patience_ms / 1000)

    @cached_property
    def notices(self) -> Notices:
        return Notices(self.database, self.clock)

    @cached_property
    def progress(self) -> SourceProgress:
        return SourceProgress(self.database, self.clock)

    @cached_property
    def puller(self) -> Puller:
        return Puller(self.sources, self.progress, self.intake, self.clock, expenses=self.expenses)

    @cached_property
    def delivery_reader(self) -> DeliveryReader:
        return DeliveryReader(self.sources, self.progress, self.intake, self.rejections, self.clock)

    @cached_property
    def meanings(self) -> Meanings:
        return Meanings(self.environment.track_events)

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self.intake, SegmentReader(self.meanings, self.environment.zone, lambda: self.settings.currency))

    def new_translator(self) -> Translator:
        return Translator(self.log, self.delivery_reader)

    @property
    def write_key(self) -> str:
        return self.environment.write_key.get_secret_value() or keep_key(self.environment.data, "write")

    @property
    def api_key(self) -> str:
        return self.environment.api_key.get_secret_value() or keep_key(self.environment.data, "api")

    def new_loader(self) -> Loader:
        return Loader(
            self.log,
            self.warehouse,
            list(FAMILIES),
            self._quarantine,
            batch_events=self.environment.load_batch_events,
            interval_ms=self.environment.load_interval_ms,
        )

    def backlog(self, family: str) -> Backlog:
        """Events that were accepted and are not in the warehouse yet."""
        return self.log.backlog(GROUP, family)

    def replay(self, since: datetime | None) -> int:
        """Let the next loader load again what the log keeps since then, or all; how many records that is.

        Raises `LogHeld` while a loader runs.
        """
        return self.log.replay(GROUP, list(FAMILIES), since)

    def expenses(self, first: date, last: date) -> Iterable[Expense]:
        settings = self.settings
        percent = Decimal(str(settings.vat_percent))
        return find_expenses(self.warehouse, first, last, vat_percent=percent, currency=settings.currency)

    def close(self) -> None:
        if "site_tally" in self.__dict__:
            with suppress(Unavailable):
                self.__dict__.pop("site_tally").flush()
        for name in ("import_reader", "per_run", "log", "warehouse"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()
        if "database" in self.__dict__:
            self.__dict__.pop("database").dispose()

    def _quarantine(self, topic: str, lines: Sequence[bytes], reason: str) -> None:
        found = []
        for line in lines:
            event = orjson.loads(line)
            for stamp in ("log_partition", "log_offset", "received_at"):
                event.pop(stamp, None)
            found.append(Rejection(0, topic, orjson.dumps(event), (FieldError("", reason),)))
        self.rejections.keep(found, self.clock.now())


def _log_options(settings: Settings) -> LogOptions:
    return LogOptions(
        max_mb=settings.log_max_mb,
        waiting_mb=settings.log_waiting_mb,
        replication=settings.kafka_replication,
        min_insync=settings.kafka_min_insync,
    )
