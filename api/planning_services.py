"""The parts of planning, each opened when it is first asked for; `api/bootstrap.py` chooses the stores behind them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import cached_property

import pandas as pd
from sqlalchemy import Engine

from api.per_run import PerRun
from attribution.experiments.register import experiments
from attribution.question import Calendar
from attribution.runs import newest_run
from attribution.sharing import DealerShare
from attribution.visibility import EVERYTHING, Visibility
from infra.clock import Clock
from infra.errors import NotReady, Unavailable, WarehouseError
from infra.settings import Settings
from infra.warehouse import Warehouse
from planning.approval.calendar import CalendarFeeds
from planning.approval.delegations import Delegations
from planning.approval.inbox import approvals_waiting, redrafts_waiting, returns_waiting
from planning.approval.office import ApprovalOffice
from planning.approval.process_register import ProcessRegister
from planning.approval.redrafting import Redrafting
from planning.calculator.scenarios import Scenarios
from planning.calendar.events import CalendarEvents
from planning.call_load.centres import Centres
from planning.desk import Desk
from planning.dimensions import known_network
from planning.directions import car_direction, known_directions
from planning.editing import Editor
from planning.files import FileFolder, FileStore
from planning.forecast.forecasting import Forecasts, check_months, forecast
from planning.forecast.narrowed import narrowed
from planning.forecast.outlook import Outlook
from planning.forecast.past import read_past
from planning.funds.upkeep import keep_up
from planning.history import Span, history, months_before
from planning.importing.reader import ImportReader
from planning.importing.register import Imports
from planning.media.commitments import Commitments
from planning.media.months import Month, month_of
from planning.media.plans import MediaPlans
from planning.media.reallocation import Reallocations
from planning.media.spending import Spending, read_spending
from planning.offers import funds_offer, media_offer, work_offer
from planning.plans import Plans
from planning.rates.counts import Kinds, kinds_of
from planning.rates.measured import MeasuredRates, measure_rates
from planning.recommend.applying import Applying
from planning.recommend.measured import Measured, measure
from planning.recommend.outcomes import Outcomes
from planning.recommend.register import Recommendations
from planning.response.model import Response
from planning.response.reading import cells_of
from planning.response.study import Study, read_study
from planning.sharing import Sharer
from planning.stock.levels import known_levels
from planning.stock.position import Position, position_of
from planning.stock.report import MOST_MONTHS
from planning.stock.selling import read_sales, selling
from planning.stock.terms import known_terms
from planning.waiting import OffersWaiting

_MEASURED_MONTHS = 24


class PlanningServices(ABC):
    """The parts of planning. `Services` says which stores stand behind them."""

    environment: Settings
    clock: Clock

    @property
    @abstractmethod
    def settings(self) -> Settings:
        """Those in force."""

    @property
    @abstractmethod
    def today(self) -> date:
        """In the account's time zone."""

    @property
    @abstractmethod
    def database(self) -> Engine: ...

    @property
    @abstractmethod
    def warehouse(self) -> Warehouse: ...

    @property
    @abstractmethod
    def per_run(self) -> PerRun: ...

    @cached_property
    def plans(self) -> Plans:
        return Plans(self.database, self.clock)

    @cached_property
    def plan_editor(self) -> Editor:
        return Editor(self.database, self.clock)

    @cached_property
    def media_plans(self) -> MediaPlans:
        return MediaPlans(self.database, self.clock)

    @cached_property
    def commitments(self) -> Commitments:
        return Commitments(self.database, self.clock)

    @cached_property
    def reallocations(self) -> Reallocations:
        return Reallocations(self.database, self.clock)

    def spending(self, month: Month) -> Spending:
        """What the warehouse knows of a month: found once for a run. Everybody is told their part of it alone."""
        try:
            run = newest_run(self.warehouse).number
        except NotReady:
            return Spending(month)
        today, timezone = self.today, self.environment.timezone
        return self.per_run.answer(
            run, ("media spending", month, today), lambda: read_spending(self.warehouse, month, today, timezone)
        )

    def known_spending(self, month: Month) -> Spending:
        """The same, and nothing where the warehouse is out of reach: what waits does not wait for it."""
        try:
            return self.spending(month)
        except (Unavailable, WarehouseError):
            return Spending(month)

    def response(self, seen: Visibility = EVERYTHING) -> Response:
        """Of spend, to whom one sees: fitted once for a run, of the whole holding. Raises `NotReady`."""
        return self.response_study(seen).response

    def response_study(self, seen: Visibility = EVERYTHING) -> Study:
        """The same, with what it was read from."""
        today, settings, told = self.today, self.settings, tuple(experiments(self.database))
        key = ("response", today, settings.timezone, told)
        run = newest_run(self.warehouse).number
        return self.per_run.answer(run, key, lambda: read_study(self.warehouse, settings, today, told)).seen_by(seen)

    def outlook(self, months: int, seen: Visibility = EVERYTHING) -> Outlook:
        """What is expected of this month, which is not over, and of those after it; sums are of what is seen.

        Raises `InvalidInput` for more than eighteen months, and `NotReady` where nothing was attributed yet.
        """
        check_months(months)
        return narrowed(self.forecasts().outlook.until(months), seen)

    def forecasts(self) -> Forecasts:
        """Of everybody, eighteen months ahead, with what they rest on and how well they did: found once for a run.

        Raises `NotReady` where nothing was attributed yet.
        """
        run, this_month = newest_run(self.warehouse).number, month_of(self.today)
        directions, timezone = known_directions(self.database), self.settings.timezone
        with self.database.connect() as connection:
            network = known_network(connection)
        return self.per_run.answer(
            run,
            ("forecast", this_month, directions, timezone, network.dealers),
            lambda: forecast(read_past(self.warehouse, this_month, directions, timezone), this_month, network.by_id),
        )

    def stock_position(
        self, direction: str = "", *, months: int | None = None, seen: Visibility = EVERYTHING
    ) -> Position:
        """Stock beside what is expected to be sold of it, of the dealers that are seen. `direction`: new cars.

        It offers `available_units(dealer, month)` to whoever must not promise more than there is. Raises `NotReady`,
        and `InvalidInput` where there is no such direction.
        """
        this_month, timezone = month_of(self.today), self.settings.timezone
        chosen = car_direction(known_directions(self.database), direction)
        with self.database.connect() as connection:
            network = known_network(connection, seen)
            levels, terms = known_levels(connection, seen), known_terms(connection)
        sales = self.per_run.answer(
            newest_run(self.warehouse).number,
            ("model sales", this_month, chosen.kinds, timezone),
            lambda: read_sales(self.warehouse, this_month, chosen.kinds, timezone),
        )
        sold = selling(sales, this_month, network.dealers, tuple(levels))
        outlook = self.outlook(MOST_MONTHS, seen)
        return position_of(outlook, chosen.id, sold, levels, terms, self.today, months=months)

    @cached_property
    def call_centres(self) -> Centres:
        return Centres(self.database, self.clock)

    @cached_property
    def scenarios(self) -> Scenarios:
        return Scenarios(self.database, self.clock)

    def measured_rates(self, direction: str = "") -> MeasuredRates:
        """Of the whole holding, found once for a run: everybody is told their part of it alone.

        Raises `NotReady` where nothing was attributed yet, and `InvalidInput` for what is no direction of cars.
        """
        run, today, timezone = newest_run(self.warehouse).number, self.today, self.environment.timezone
        kinds: Kinds = kinds_of(known_directions(self.database), direction)
        with self.database.connect() as connection:
            brands = {each.id: each.brand for each in known_network(connection).dealers}
        return self.per_run.answer(
            run,
            ("measured rates", kinds, today, tuple(sorted(brands.items()))),
            lambda: measure_rates(self.warehouse, timezone, brands, kinds, today),
        )

    @cached_property
    def calendar_events(self) -> CalendarEvents:
        return CalendarEvents(self.database, self.clock)

    @cached_property
    def plan_imports(self) -> Imports:
        return Imports(self.database, self.clock)

    @cached_property
    def import_reader(self) -> ImportReader:
        return ImportReader(self.database, self.plan_imports)

    @cached_property
    def files(self) -> FileStore:
        folder = FileFolder(self.environment.data / "files", self.environment.max_file_mb * 1024**2)
        return FileStore(self.database, folder, self.clock)

    @property
    def desk(self) -> Desk:
        return Desk(self.database, self.clock, self.environment.zone, self.settings.currency, self.files)

    def keep_up_funds(self) -> int:
        """Post what the calendar does to co-op funds; how many of them that changed."""
        return keep_up(self.desk)

    @cached_property
    def plan_sharer(self) -> Sharer:
        return Sharer(self.database, self.clock)

    @cached_property
    def processes(self) -> ProcessRegister:
        return ProcessRegister(self.database, self.clock)

    @cached_property
    def approvals(self) -> ApprovalOffice:
        return ApprovalOffice(self.database, self.clock, self.environment.zone)

    @cached_property
    def redrafting(self) -> Redrafting:
        return Redrafting(self.database, self.clock)

    @cached_property
    def delegations(self) -> Delegations:
        return Delegations(self.database, self.clock)

    @cached_property
    def calendar_feeds(self) -> CalendarFeeds:
        return CalendarFeeds(self.database, self.clock)

    @cached_property
    def recommendations(self) -> Recommendations:
        return Recommendations(self.database, self.clock)

    @cached_property
    def recommendation_uses(self) -> Applying:
        return Applying(self.database, self.clock)

    def measured(self, seen: Visibility = EVERYTHING) -> Measured:
        """How leads become sales, and what comes without spend. Raises `NotReady`."""
        month, settings = month_of(self.today), self.settings
        span = months_before(month, _MEASURED_MONTHS)
        by = ("dealer", "channel", "contractor")
        found = self.per_run.answer(
            newest_run(self.warehouse).number,
            ("measured for budgets", month, settings.timezone),
            lambda: measure(
                history(self.warehouse, span, settings.timezone, by, share=DealerShare.NONE), _MEASURED_MONTHS
            ),
        )
        return found.seen_by(seen)

    def keep_up_outcomes(self) -> int:
        """Measure what came of recommendations for months that are over; how many that were."""
        return self.recommendation_outcomes.keep_up(self.today, self.happened)

    @cached_property
    def recommendation_outcomes(self) -> Outcomes:
        return Outcomes(self.database, self.clock)

    def happened(self, month: Month) -> pd.DataFrame:
        """Cost, leads and margin of the cells of a month, on the calendar of touches."""
        by = ("dealer", "channel", "contractor")
        rows = history(
            self.warehouse, Span(month, month), self.settings.timezone, by,
            calendar=Calendar.TOUCH, share=DealerShare.NONE,
        )  # fmt: skip
        return cells_of(rows)

    @property
    def waiting_offers(self) -> Sequence[OffersWaiting]:
        """What the inbox, reminders and the number beside it are made of; to be asked for outside of transactions."""
        with suppress(Unavailable, WarehouseError):
            self.warehouse  # noqa: B018  # opening it may take a turn in the database
        return (
            approvals_waiting,
            returns_waiting,
            redrafts_waiting,
            funds_offer(self.desk),
            work_offer(self.desk),
            media_offer(self.known_spending),
        )
