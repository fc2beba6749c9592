"""A small world of events: told, loaded, attributed and asked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Concatenate, ParamSpec
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import delete

from api.bootstrap import Services
from attribution.answer import Answer
from attribution.attributing import OnStep, attribute
from attribution.cost_tables import currency_rates, offline_media, same_campaigns
from attribution.models import Model
from attribution.reference import channel_rule_sets, replace_reference, untied_keys
from attribution.reference_document import read_document
from attribution.reports import Calendar, Question, romi_report
from attribution.runs import BASE_TABLES, RUN_TABLES, Run, newest_run
from attribution.sharing import DealerShare
from collectors.events import FAMILIES
from infra.clock import FrozenClock

NOW = datetime(2026, 7, 1, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date(2025, 1, 1), date(2026, 12, 31)

Events = Mapping[str, Iterable[dict[str, Any]]]
Asked = ParamSpec("Asked")

_held: "WeakKeyDictionary[Services, tuple[object, dict[str, Any]]]" = WeakKeyDictionary()
"""Who told the world that the services hold, with the settings that it set, where nothing was told since."""


def moment(days: float) -> str:
    """So many days after the start."""
    return (START + timedelta(days=days)).isoformat()


def visit(name: str, visitor: str, days: float, source: str = "", **fields: Any) -> dict[str, Any]:
    mark = {"source": source, "medium": "cpc"} if source else {}
    return {"id": name, "visitor_id": visitor, "occurred_at": moment(days)} | mark | fields


def call(name: str, days: float, called: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "started_at": moment(days), "caller": "anonymous", "called": called} | fields


def lead(name: str, days: float, **fields: Any) -> dict[str, Any]:
    return {"id": name, "created_at": moment(days), "kind": "form"} | fields


def action(name: str, days: float, **fields: Any) -> dict[str, Any]:
    return {"id": name, "occurred_at": moment(days), "name": "Product Viewed"} | fields


def profile(name: str, days: float, **fields: Any) -> dict[str, Any]:
    return {"id": name, "occurred_at": moment(days)} | fields


def stage(deal: str, reached: str, days: float, **fields: Any) -> dict[str, Any]:
    return {"id": f"{deal}-{reached}-{days}", "deal_id": deal, "stage": reached, "occurred_at": moment(days)} | fields


def spend(first: str, last: str, cost: object, source: str = "", **fields: Any) -> dict[str, Any]:
    mark = {"source": source, "medium": "cpc"} if source else {}
    return {"from": first, "to": last, "cost": str(cost)} | mark | fields


@dataclass
class World:
    """Times are told, and days counted, in UTC unless the services' settings say otherwise."""

    services: Services
    changed: dict[str, Any] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget every event, run and piece of reference data."""
        _held.pop(self.services, None)
        self.services.__dict__.pop("intake", None)  # it remembers what it has seen
        self.changed.clear()
        kept = {*FAMILIES, *RUN_TABLES, *BASE_TABLES, "attribution_runs", "run_bases"}
        filled = self.rows("select distinct table from system.parts where active and database = currentDatabase()")
        for table in kept & {str(row["table"]) for row in filled}:
            self.services.warehouse.command("truncate table {table:Identifier}", {"table": table})
        self.refer()
        with self.services.database.begin() as connection:
            for told in (untied_keys, currency_rates, same_campaigns, offline_media):
                connection.execute(delete(told))
            connection.execute(delete(channel_rule_sets))

    def hold(
        self, tell: "Callable[Concatenate[World, Asked], object]", *args: Asked.args, **more: Asked.kwargs
    ) -> None:
        """Be what this tells of an empty world. Told anew only where anything else was told or set since it was.

        Ask what holds such a world, but change nothing past it: its `clear` is for that, or another `hold`.
        """
        telling = (tell, args, tuple(more.items()))
        teller, changed = _held.get(self.services, (None, {}))
        if teller == telling:
            self.changed = dict(changed)
            return
        self.clear()
        tell(self, *args, **more)
        _held[self.services] = telling, dict(self.changed)

    def refer(self, **document: Any) -> None:
        """Replace the reference data; channel rules only where they are given."""
        _held.pop(self.services, None)
        told = read_document(orjson.dumps(document, default=str), "RU")
        replace_reference(self.services.database, told, author="world", clock=self.services.clock)

    def set(self, **changed: Any) -> None:
        """Settings that hold until `clear`."""
        _held.pop(self.services, None)
        self.changed.update(changed)

    def wait(self) -> None:
        """A second goes by."""
        assert isinstance(self.services.clock, FrozenClock)
        self.services.clock.advance(timedelta(seconds=1))

    def tell(self, events: Events) -> None:
        """Send events, a request a family, and load them."""
        _held.pop(self.services, None)
        for family, items in events.items():
            outcome = self.services.intake.accept(family, items)
            assert not outcome.rejected, outcome.rejected
        loader = self.services.new_loader()
        loader.drain()
        loader.close()

    def attribute(self, *, full: bool = False, on_step: OnStep = lambda *_: None) -> Run:
        """Going on from the run before where that can be, unless `full`."""
        _held.pop(self.services, None)
        services = self.services
        settings = services.settings.model_copy(update={"late_visible_s": 0} | self.changed)
        return attribute(services.warehouse, services.database, services.clock, settings, on_step, full=full)

    def report(
        self,
        *by: str,
        first: date = FIRST_DAY,
        last: date = LAST_DAY,
        model: Model = Model.LAST_NON_DIRECT,
        calendar: Calendar = Calendar.CONVERSION,
        share: DealerShare = DealerShare.LEADS,
        **more: Any,
    ) -> Answer:
        """`more` are the other fields of `Question`."""
        question = Question(by, first, last, model, calendar, share, **more)
        timezone = self.changed.get("timezone", self.services.settings.timezone)
        return romi_report(self.services.warehouse, question, timezone)

    def figures(self, by: str, name: str, **asked: Any) -> dict[str, float]:
        """One figure of every group in which it is not 0."""
        rows = self.report(by, **asked).rows
        return {str(row[by]): row[name] for _, row in rows.iterrows() if row[name]}

    def rows_of_run(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        """Asked of the newest run, as `run`."""
        return self.rows(sql, run=newest_run(self.services.warehouse).number, **parameters)

    def rows(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        return self.services.warehouse.rows(sql, parameters)
