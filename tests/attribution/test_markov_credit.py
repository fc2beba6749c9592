"""Markov's credit in reports: as the plain reference for every kind, conserved, and the same after whatever runs."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attribution.answer import Answer, Period
from attribution.channel_preview import preview_rules
from attribution.channels import DEFAULT_RULES
from attribution.contractors import ContractorQuestion, contractor_report
from attribution.dealers import Comparison, dealer_comparison
from attribution.experiments.design import Experiment
from attribution.experiments.reporting import experiment_report
from attribution.funnel import funnel_report
from attribution.lost_leads import LostLeadsQuestion, lost_leads_report
from attribution.maturity import MaturityQuestion, Since, maturity_report
from attribution.model_report import ModelQuestion, model_report
from attribution.models import Model
from attribution.opportunities import OpportunityQuestion
from attribution.reports import Calendar
from attribution.self_reported import SelfReportedQuestion, self_reported_report
from infra.errors import InvalidInput
from tests.attribution.reference_markov import Conversion, Touch, credit
from tests.attribution.world import Events, World, lead, spend, stage, visit

LOOKBACK_DAYS = {"lead": 20, "qualified": 90, "visit": 90, "sale": 45}
FIGURE = {"lead": "leads", "qualified": "qualified", "visit": "visits", "sale": "sales"}
PERIOD = Period(date(2026, 1, 1), date(2026, 6, 30))
TOUCHES = """
    select t.at as at, t.id as id, t.person as person, toString(o.channel) as channel
    from touches_of_run(run = {run:UInt32}) as t
    inner join origins_of_run(run = {run:UInt32}) as o on t.origin = o.origin
"""
CONVERSIONS = """
    select toString(kind) as kind, id, person, window_from, window_to from conversions_of_run(run = {run:UInt32})
"""
CREDIT = """
    select * except (base, run, person) from markov_of_run(run = {run:UInt32}) order by kind, conversion, place
"""

days = st.floats(0, 150).map(lambda day: round(day, 2))


@st.composite
def histories(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Visits, leads and deals; some visits lie before a window, after all conversions, or are of who never asks."""
    told: dict[str, list[dict[str, Any]]] = {"touches": [], "leads": [], "deals": []}
    for number in range(draw(st.integers(1, 5))):
        visitor = f"v{number}"
        for place in range(draw(st.integers(0, 6))):
            source = draw(st.sampled_from(["yandex", "vk", "avito", "", "email"]))
            told["touches"].append(visit(f"t{number}-{place}", visitor, draw(days), source))
        dealer = draw(st.sampled_from(["north", "south"]))
        for place in range(draw(st.integers(0, 2))):
            status = draw(st.sampled_from(["new", "qualified"]))
            asked = lead(f"l{number}-{place}", draw(days), visitor_id=visitor, dealer=dealer, status=status)
            told["leads"].append(asked)
        for place in range(draw(st.integers(0, 2))):
            money = {
                "amount": str(draw(st.decimals(0, 10**7, places=2))),
                "margin": str(draw(st.decimals(-(10**4), 10**6, places=2))),
            }
            reached = draw(st.sampled_from(["visit", "sale"]))
            told["deals"].append(
                stage(f"d{number}-{place}", reached, draw(days), visitor_id=visitor, dealer=dealer, **money)
            )
    return told


def some_history() -> Events:
    """Six people, of whom four ask and two buy; two dealers and an answer of one who was asked."""
    paths = ["yandex vk yandex", "vk avito", "avito", "yandex avito vk", "vk", "yandex"]
    touches = [
        visit(
            f"t{person}-{place}",
            f"v{person}",
            10 * person + place,
            source,
            contractor="agency" if source == "vk" else "",
        )
        for person, path in enumerate(paths)
        for place, source in enumerate(path.split())
    ]
    asked = [
        lead(f"l{n}", 10 * n + 3, visitor_id=f"v{n}", dealer=("north", "south")[n % 2], properties={"heard": "радио"})
        for n in range(4)
    ]
    bought = [
        stage(f"d{n}", "sale", 10 * n + 9, lead_id=f"l{n}", visitor_id=f"v{n}", dealer=("north", "south")[n % 2],
              amount="1000000.01", margin="33333.33")
        for n in (0, 3)
    ]  # fmt: skip
    return {
        "touches": touches,
        "leads": asked,
        "deals": bought,
        "spend": [spend("2026-01-01", "2026-03-31", 90_000, "yandex")],
    }


def tell_history(world: World) -> None:
    world.tell(some_history())
    world.attribute()


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories())
def test_every_kind_equals_the_reference_and_conserves(world: World, history: dict[str, list[dict[str, Any]]]) -> None:
    world.clear()
    world.set(lookback_days_by_kind=LOOKBACK_DAYS)
    world.tell(history)
    world.attribute()
    touches = [Touch(**row) for row in world.rows_of_run(TOUCHES)]
    conversions = [Conversion(**row) for row in world.rows_of_run(CONVERSIONS)]
    expected = credit(conversions, touches, {kind: timedelta(days=each) for kind, each in LOOKBACK_DAYS.items()})
    by_channel = world.report("channel", model=Model.MARKOV).rows
    for kind, name in FIGURE.items():
        told = {channel: share for (of_kind, channel), share in expected.items() if of_kind == kind}
        found = dict(zip(by_channel["channel"], by_channel[name], strict=True))
        assert {channel: share for channel, share in found.items() if share} == pytest.approx(told, abs=1e-7)
    whole = sums(world.report("channel"))
    assert sums(world.report("dealer", "campaign", model=Model.MARKOV)) == whole
    assert sums(world.report("week", "contractor", model=Model.MARKOV, calendar=Calendar.TOUCH)) == whole


def sums(answer: Answer) -> dict[str, int]:
    """The sums of all rows, in billionths and in cents."""
    units = dict.fromkeys(FIGURE.values(), 10**9) | dict.fromkeys(("revenue", "margin", "cost"), 100)
    return {name: sum(round(value * unit) for value in answer.rows[name]) for name, unit in units.items()}


def test_an_increment_is_credited_as_a_full_run_would(world: World) -> None:
    """What one person does changes the effects, and so the credit of persons whom the run does not derive anew."""
    world.tell(some_history())
    world.attribute()
    before = world.rows_of_run(CREDIT), world.figures("channel", "sales", model=Model.MARKOV)
    world.wait()
    world.tell({
        "touches": [visit("late", "v9", 60, "yandex"), visit("later", "v9", 61, "avito")],
        "leads": [lead("l9", 62, visitor_id="v9")],
    })  # fmt: skip
    run = world.attribute()
    assert run.base != run.number
    after = world.figures("channel", "leads", model=Model.MARKOV), world.figures("channel", "sales", model=Model.MARKOV)
    rows = world.rows_of_run(CREDIT)
    assert before[1] != after[1]
    world.attribute(full=True)
    assert (
        world.figures("channel", "leads", model=Model.MARKOV), world.figures("channel", "sales", model=Model.MARKOV)
    ) == after  # fmt: skip
    assert world.rows_of_run(CREDIT) == rows


def test_the_models_report_divides_within_journeys_alike(shared: World) -> None:
    shared.hold(tell_history)
    whole = Period(date(2025, 1, 1), date(2026, 12, 31))
    rows = model_report(shared.services.warehouse, ModelQuestion(whole), shared.services.settings).rows
    told = dict(zip(rows["channel"], rows["markov_in_journey"], strict=True))
    assert shared.figures("channel", "sales", model=Model.MARKOV) == pytest.approx(told, abs=1e-8)


def test_measures_may_have_models_of_their_own(shared: World) -> None:
    shared.hold(tell_history)
    mixed = shared.report("channel", model=Model.LINEAR, models=(("sales", Model.MARKOV),)).rows.set_index("channel")
    by_markov = shared.report("channel", model=Model.MARKOV).rows.set_index("channel")
    linear = shared.report("channel", model=Model.LINEAR).rows.set_index("channel")
    assert mixed["sales"].to_dict() == by_markov["sales"].reindex(mixed.index).to_dict()
    assert mixed["leads"].to_dict() == linear["leads"].reindex(mixed.index).to_dict()
    assert mixed["sales"].to_dict() != linear["sales"].reindex(mixed.index).to_dict()


def test_every_report_that_takes_a_model_takes_markov(shared: World) -> None:
    """And what it divides adds up as by any other model."""
    shared.hold(tell_history)
    warehouse, engine, told = shared.services.warehouse, shared.services.database, shared.services.settings
    experiment = Experiment.model_validate({
        "id": "e", "channels": ["other"], "design": "geo", "unit": "dealer", "test": ["north"], "control": ["south"],
        "switched": "off", "baseline_from": "2026-01-01", "periods": [{"from": "2026-02-01", "to": "2026-02-14"}],
    })  # fmt: skip

    def added(model: Model) -> list[float]:
        opportunities = OpportunityQuestion(("channel",), PERIOD, model)
        contractors = contractor_report(warehouse, engine, ContractorQuestion(PERIOD, model=model), "UTC")
        dealers = dealer_comparison(warehouse, Comparison(PERIOD, model=model), "UTC")
        heard = self_reported_report(warehouse, engine, SelfReportedQuestion(PERIOD, model=model), "heard")
        funnel = funnel_report(warehouse, opportunities, told)
        lost = lost_leads_report(warehouse, LostLeadsQuestion(opportunities, 24, 60), told)
        seen = maturity_report(warehouse, MaturityQuestion(PERIOD, since=Since.TOUCH, model=model), told)
        experiments = experiment_report(warehouse, [experiment], model)
        return [
            contractors.rows["leads"].sum(), contractors.rows["cohort_sales"].sum(), dealers.rows["leads"].sum(),
            heard.rows["counted"].sum(), funnel.rows["reached"].sum(), lost.rows["leads"].sum(),
            seen.rows["come"].sum(), float(len(experiments.rows)),
        ]  # fmt: skip

    assert added(Model.MARKOV) == pytest.approx(added(Model.LINEAR), abs=1e-7)


def test_effects_that_two_found_at_once_count_once(shared: World) -> None:
    shared.hold(tell_history)
    before = shared.figures("channel", "sales", model=Model.MARKOV)
    shared.services.warehouse.command("insert into removal_effects select * from removal_effects")
    assert shared.figures("channel", "sales", model=Model.MARKOV) == before
    shared.clear()


def test_effects_that_are_all_0_share_evenly(world: World) -> None:
    world.tell(some_history())
    run = world.attribute()
    nothing = [(run.number, kind, "other", 0.0) for kind in FIGURE]
    world.services.warehouse.insert_rows("removal_effects", ("run", "kind", "channel", "effect"), nothing)
    for name in ("leads", "sales"):
        assert world.figures("campaign", name, model=Model.MARKOV) == world.figures(
            "campaign", name, model=Model.LINEAR
        )
        assert world.figures("channel", name, model=Model.MARKOV) == world.figures("channel", name, model=Model.LINEAR)


def test_effects_are_found_when_asked_for_and_go_with_their_runs(world: World) -> None:
    known = "select distinct run from removal_effects order by run"
    world.tell(some_history())
    runs = []
    for number in range(3):
        world.wait()
        world.tell({"touches": [visit(f"n{number}", f"n{number}", 90 + number, "vk")]})
        runs.append(world.attribute().number)
        world.figures("channel", "sales")
        assert [row["run"] for row in world.rows(known)] == runs[-2:-1]
        for _ in range(2):
            world.figures("channel", "sales", model=Model.MARKOV)
        assert [row["run"] for row in world.rows(known)] == runs[-2:]


def test_a_preview_of_rules_does_not_take_it(shared: World) -> None:
    with pytest.raises(InvalidInput, match="changes with the channels themselves"):
        preview_rules(shared.services.warehouse, DEFAULT_RULES, DEFAULT_RULES, Model.MARKOV)
