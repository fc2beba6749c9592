"""A holding of three dealers and two contractors, and every report of it as somebody sees it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from attribution.answer import Answer, Period
from attribution.calls import CallsQuestion, calls_report
from attribution.caveats import romi_report_with_caveats
from attribution.channel_preview import preview_rules
from attribution.channels import DEFAULT_RULES
from attribution.cohorts import CohortQuestion, Start, cohort_report
from attribution.contractor_register import contractor_register
from attribution.contractors import ContractorQuestion, contractor_report
from attribution.conversion_journey import conversion_journey
from attribution.conversions_behind import conversions_behind
from attribution.cost_matching import cost_matching
from attribution.data_health import deals_without_contacts, unknown_marks
from attribution.dealers import Comparison, Peers, dealer_comparison
from attribution.experiments.calibration import calibrated_report
from attribution.experiments.design import Design, Unit
from attribution.experiments.power import Planned, power_report
from attribution.experiments.register import experiment_of, experiments
from attribution.experiments.reporting import experiment_report
from attribution.feed.entities import ENTITY_SETS
from attribution.feed.pages import PageQuestion
from attribution.feed.reading import read_page
from attribution.funnel import funnel_report
from attribution.lost_leads import LostLeadsQuestion, lost_leads_report
from attribution.maturity import MaturityQuestion, Since, maturity_report
from attribution.model_report import ModelQuestion, model_report
from attribution.models import Model
from attribution.models_beside import models_beside
from attribution.noise.report import NoiseQuestion, noise_examples, noise_report, noise_totals
from attribution.offline import offline_report
from attribution.open_deals import OpenDealsQuestion, open_deals_report
from attribution.opportunities import OpportunityQuestion
from attribution.overview import Step, overview
from attribution.paths import PathQuestion, assisted_report, path_length_report, path_report, time_to_conversion_report
from attribution.paths import Step as PathStep
from attribution.performance import PerformanceQuestion, performance_report
from attribution.question import Question
from attribution.reference import reference_document
from attribution.reports import romi_report
from attribution.self_reported import SelfReportedQuestion, self_reported_report
from attribution.staffing import StaffingQuestion, staffing_report
from attribution.standings import standings
from attribution.target_calls import target_rules
from attribution.unanswered import unanswered
from attribution.unprocessed import UnprocessedQuestion, unprocessed_report
from attribution.visibility import Visibility
from infra.errors import ClosedLoopError, NotFound
from tests.attribution.world import World, call, lead, spend, stage, visit

PERIOD = Period(date(2026, 1, 1), date(2026, 6, 30))
DEALERS = ("alfa", "beta", "gamma")
CONTRACTORS = {"xray": "yandex", "yolk": "vk"}
SOURCES = {**CONTRACTORS, "nobody": "google"}


def tell_holding(world: World) -> None:
    """Whatever is a dealer's or a contractor's has its name in it, in every text."""
    world.clear()
    world.refer(
        dealers=[
            {"id": dealer, "name": f"Motors {dealer}", "brand": "Lada" if dealer != "gamma" else "Kia", "city": "Tver"}
            for dealer in DEALERS
        ],
        contractors=[
            {
                "id": owner, "name": f"Agency {owner}", "campaigns": [{"source": source}], "fees": [{"percent": 10}],
                "claimed_budget": 7000, "claimed_romi": 2, "claimed_from": "2026-01-01", "claimed_to": "2026-03-31",
            }
            for owner, source in CONTRACTORS.items()
        ],
        tracking_numbers=[
            {"number": f"+7495000000{place}", "dealer": dealer, "source": "vk", "campaign": f"{dealer}-number"}
            for place, dealer in enumerate(DEALERS)
        ],
        target_calls=[{"dealer": dealer, "tags": [f"{dealer}-tag"]} for dealer in DEALERS],
    )  # fmt: skip
    events: dict[str, list[dict[str, Any]]] = {name: [] for name in ("touches", "calls", "leads", "deals", "spend")}
    for place, dealer in enumerate(DEALERS):
        _tell_dealer(events, place, dealer)
    events["spend"] += [spend("2026-01-01", "2026-03-31", 900, "google"), spend("2026-01-01", "2026-03-31", 70, "vk")]
    events["leads"].append(lead("of-nobody", 30, phone="+79169999999"))
    world.tell(events)
    world.attribute()


def _tell_dealer(events: dict[str, list[dict[str, Any]]], place: int, dealer: str) -> None:
    for turn, (owner, source) in enumerate(SOURCES.items()):
        campaign = f"{dealer}-{owner}"
        events["spend"].append(
            spend("2026-01-01", "2026-03-31", 1000 + 370 * place + 110 * turn, source, campaign=campaign, dealer=dealer)
        )
        for number in range(4 + place + turn):
            key, day = f"{dealer}-{owner}-{number}", 3.0 + 9 * number + turn
            phone = f"+7916{place}{turn}0000{number:02}"
            person = {"visitor_id": key, "dealer": dealer, "manager": f"manager-{dealer}"}
            events["touches"].append(visit(f"t-{key}", key, day, source, campaign=campaign, dealer=dealer))
            events["leads"].append(
                lead(f"l-{key}", day + 1, phone=phone, properties={"heard": f"from {dealer}"}, **person)
            )
            if number % 2:
                sold = {"contact": {"phone": phone}, "amount": 50000 + 1000 * number, "margin": 4000 + 300 * number}
                events["deals"] += [
                    stage(f"d-{key}", "qualified", day + 3, lead_id=f"l-{key}", **person),
                    stage(f"d-{key}", "sale", day + 9 + place, lead_id=f"l-{key}", **person, **sold),
                ]
    for number in range(5 + place):
        status = "missed" if number % 2 else "answered"
        events["calls"].append(
            call(
                f"c-{dealer}-{number}", 40 + number, f"+7495000000{place}", caller=f"+7925{place}00000{number}",
                status=status, talk_s=60, waiting_s=5 + number, dealer=dealer, operator=f"operator-{dealer}",
            )
        )  # fmt: skip


def romi(world: World, seen: Visibility, *by: str, **more: Any) -> Answer:
    question = Question(by, PERIOD.first_day, PERIOD.last_day, **more)
    return romi_report(world.services.warehouse, question, "UTC", seen=seen)


def _romi_with_caveats(world: World, seen: Visibility, by: str) -> Answer:
    question = Question((by, "campaign"), PERIOD.first_day, PERIOD.last_day)
    return romi_report_with_caveats(world.services.warehouse, question, world.services.settings, seen=seen)


def feed(world: World, seen: Visibility, entities: str) -> list[Mapping[str, Any]]:
    question = PageQuestion(ENTITY_SETS[entities])
    return list(read_page(world.services.warehouse, world.services.database, question, seen=seen).rows)


def _lost(world: World, seen: Visibility, by: str) -> Answer:
    question = LostLeadsQuestion(OpportunityQuestion((by,), PERIOD), 24, 60)
    return lost_leads_report(world.services.warehouse, question, world.services.settings, seen=seen)


def _self_reported(world: World, seen: Visibility, _by: str) -> Answer:
    question = SelfReportedQuestion(PERIOD)
    return self_reported_report(world.services.warehouse, world.services.database, question, "heard", seen=seen)


def _compared(world: World, seen: Visibility, peers: Peers) -> Answer:
    return dealer_comparison(world.services.warehouse, Comparison(PERIOD, peers=peers), "UTC", seen=seen)


def _contractors(world: World, seen: Visibility, *by: str) -> Answer:
    question = ContractorQuestion(PERIOD, by)
    return contractor_report(world.services.warehouse, world.services.database, question, "UTC", seen=seen)


def _calibrated(world: World, seen: Visibility, _by: str) -> Answer:
    question = Question(("channel",), PERIOD.first_day, PERIOD.last_day)
    return calibrated_report(world.services.warehouse, [], question, "UTC", seen=seen)


Report = Callable[[World, Visibility, str], Any]


class Shown:
    """What each viewer is shown of a holding: a report is asked once, and its answer or refusal is kept."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._answers: dict[tuple[str, Visibility, str], Any] = {}
        self._refusals: dict[tuple[str, Visibility, str], ClosedLoopError] = {}

    def report(self, name: str, seen: Visibility, by: str = "dealer") -> Any:
        """Raises what the report raised."""
        asked = name, seen, by
        if asked not in self._answers and asked not in self._refusals:
            try:
                self._answers[asked] = REPORTS[name](self.world, seen, by)
            except ClosedLoopError as error:
                self._refusals[asked] = error
        if asked in self._refusals:
            raise self._refusals[asked]
        return self._answers[asked]


def _behind(world: World, seen: Visibility, _by: str) -> Answer:
    return conversions_behind(world.services.warehouse, _plain("channel"), "UTC", seen=seen)


def _journeys(world: World, seen: Visibility, _by: str) -> list[Answer]:
    """Of a sale of each dealer by each source, as far as it is shown at all: others differ by day and amount alone."""
    found = []
    sales = conversions_behind(world.services.warehouse, _plain("channel"), "UTC", kind="sale").rows["id"]
    for conversion in sales[sales.str.endswith("-1")]:
        with suppress(NotFound):
            told = conversion_journey(world.services.warehouse, "sale", conversion, world.services.settings, seen=seen)
            found.append(told)
    return found


def _beside(world: World, seen: Visibility, by: str) -> Answer:
    models = (Model.LINEAR, Model.FIRST)
    return models_beside(world.services.warehouse, _plain(by), models, "sales", "UTC", seen=seen)


def _plain(by: str) -> Question:
    return Question((by,), PERIOD.first_day, PERIOD.last_day)


def _page(entities: str) -> Report:
    return lambda world, seen, _: feed(world, seen, entities)


REPORTS: Mapping[str, Report] = {
    "romi_report": lambda world, seen, by: romi(world, seen, by, "campaign"),
    "romi_report_with_caveats": _romi_with_caveats,
    "conversions_behind": _behind,
    "conversion_journey": _journeys,
    "models_beside": _beside,
    "overview": lambda world, seen, _: overview(world.services.warehouse, PERIOD, Step.WEEK, "UTC", seen=seen),
    "standings": lambda world, seen, _: standings(
        world.services.warehouse, PERIOD, world.services.settings, seen=seen
    ),
    "unanswered": lambda world, seen, _: unanswered(
        world.services.warehouse, PERIOD, world.services.settings, seen=seen
    ),
    "dealer_comparison": lambda world, seen, _: _compared(world, seen, Peers.HOLDING),
    "dealer_comparison of brands": lambda world, seen, _: _compared(world, seen, Peers.BRAND),
    "contractor_report": lambda world, seen, _: _contractors(world, seen, "contractor"),
    "contractor_report by month": lambda world, seen, _: _contractors(world, seen, "contractor", "month"),
    "funnel_report": lambda world, seen, by: funnel_report(
        world.services.warehouse, OpportunityQuestion((by,), PERIOD), world.services.settings, seen=seen
    ),
    "lost_leads_report": _lost,
    "calls_report": lambda world, seen, _: calls_report(
        world.services.warehouse, CallsQuestion(("dealer", "operator"), PERIOD),
        target_rules(world.services.database), world.services.settings, seen=seen,
    ),
    "cohort_report": lambda world, seen, by: cohort_report(
        world.services.warehouse, CohortQuestion((by,), PERIOD), world.services.settings, seen=seen
    ),
    "cohort_report with predictions": lambda world, seen, by: cohort_report(
        world.services.warehouse, CohortQuestion((by,), PERIOD, predict=True), world.services.settings, seen=seen
    ),
    "cohort_report since touches": lambda world, seen, by: cohort_report(
        world.services.warehouse, CohortQuestion((by,), PERIOD, Start.TOUCH), world.services.settings, seen=seen
    ),
    "performance_report": lambda world, seen, _: performance_report(
        world.services.warehouse, PerformanceQuestion(PERIOD, ("dealer", "manager")), world.services.settings, seen=seen
    ),
    "unprocessed_report": lambda world, seen, _: unprocessed_report(
        world.services.warehouse, UnprocessedQuestion(PERIOD, 24), world.services.settings, seen=seen
    ),
    "staffing_report": lambda world, seen, _: staffing_report(
        world.services.warehouse, StaffingQuestion(PERIOD), world.services.settings, seen=seen
    ),
    "path_report": lambda world, seen, _: path_report(
        world.services.warehouse, PathQuestion(PERIOD, of=PathStep.CAMPAIGN), seen=seen
    ),
    "path_length_report": lambda world, seen, _: path_length_report(
        world.services.warehouse, PathQuestion(PERIOD), seen=seen
    ),
    "time_to_conversion_report": lambda world, seen, _: time_to_conversion_report(
        world.services.warehouse, PathQuestion(PERIOD), seen=seen
    ),
    "assisted_report": lambda world, seen, _: assisted_report(
        world.services.warehouse, PathQuestion(PERIOD, of=PathStep.CAMPAIGN), seen=seen
    ),
    "open_deals_report": lambda world, seen, by: open_deals_report(
        world.services.warehouse, OpenDealsQuestion(("dealer",)), world.services.settings, seen=seen
    ),
    "maturity_report": lambda world, seen, _: maturity_report(
        world.services.warehouse, MaturityQuestion(PERIOD), world.services.settings, seen=seen
    ),
    "maturity_report since touches": lambda world, seen, _: maturity_report(
        world.services.warehouse, MaturityQuestion(PERIOD, since=Since.TOUCH), world.services.settings, seen=seen
    ),
    "self_reported_report": _self_reported,
    "model_report": lambda world, seen, _: model_report(
        world.services.warehouse, ModelQuestion(PERIOD), world.services.settings, seen=seen
    ),
    "cost_matching": lambda world, seen, _: cost_matching(world.services.warehouse, PERIOD, seen=seen),
    "offline_report": lambda world, seen, _: offline_report(
        world.services.warehouse, world.services.database, PERIOD, "UTC", seen=seen
    ),
    "experiments": lambda world, seen, _: experiments(world.services.database, seen=seen),
    "experiment_of": lambda world, seen, _: experiment_of(world.services.database, "none", seen=seen),
    "experiment_report": lambda world, seen, _: experiment_report(
        world.services.warehouse, [], Model.LINEAR, seen=seen
    ),
    "calibrated_report": _calibrated,
    "power_report": lambda world, seen, _: power_report(
        world.services.warehouse, Planned(Design.GEO, Unit.DEALER, ("alfa",), ("beta", "gamma"), 2, 4), seen=seen
    ),
    "contractor_register": lambda world, seen, _: contractor_register(world.services.database, "RUB", seen=seen),
    "unknown_marks": lambda world, seen, _: unknown_marks(world.services.warehouse, PERIOD, seen=seen),
    "deals_without_contacts": lambda world, seen, _: deals_without_contacts(
        world.services.warehouse, PERIOD, "UTC", seen=seen
    ),
    "noise_report": lambda world, seen, _: noise_report(
        world.services.warehouse, NoiseQuestion("dealer", PERIOD), "UTC", seen=seen
    ),
    "noise_totals": lambda world, seen, _: noise_totals(world.services.warehouse, PERIOD, "UTC", seen=seen),
    "noise_examples": lambda world, seen, _: noise_examples(world.services.warehouse, PERIOD, "UTC", seen=seen),
    "preview_rules": lambda world, seen, _: preview_rules(
        world.services.warehouse, DEFAULT_RULES, DEFAULT_RULES, seen=seen
    ),
    "reference_document": lambda world, seen, _: reference_document(world.services.database, seen=seen),
    **{f"read_page of {name}": _page(name) for name in ENTITY_SETS},
}  # fmt: skip
