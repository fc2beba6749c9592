"""All models side by side on the product's own journeys."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from attribution.answer import Answer, Period
from attribution.journeys.table import drop_abandoned, new_journeys
from attribution.model_report import ModelQuestion, model_report
from attribution.models import Model
from infra.errors import InvalidInput, NotReady
from tests.attribution.journeys.reference_models import Pattern, removal_effect, shapley
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, stage, visit

OF_CREDIT = ("first", "last", "last_non_direct", "linear", "position", "time_decay", "custom")
OF_JOURNEYS = ("markov", "markov_in_journey", "shapley", "shapley_rate")


def asked(world: World, first: date = FIRST_DAY, last: date = LAST_DAY, **question: Any) -> Answer:
    settings = world.services.settings.model_copy(update=world.changed)
    return model_report(world.services.warehouse, ModelQuestion(Period(first, last), **question), settings)


def column(answer: Answer, name: str) -> dict[str, float]:
    return {str(row["channel"]): float(row[name]) for row in answer.items() if row[name]}


PATHS = [
    (("paid_search", "paid_social"), 1),
    (("paid_search",), 0),
    (("paid_social", "direct", "paid_search"), 1),
    (("direct",), 0),
]
SOURCES = {"paid_search": ("yandex", "cpc"), "paid_social": ("vk", "cpc"), "direct": ("", "")}


def journeys(world: World) -> None:
    """A person for each path, a visit a day; those that convert buy for 100.10 with their last visit."""
    touches, deals = [], []
    for person, (path, converts) in enumerate(PATHS):
        for day, channel in enumerate(path):
            source, medium = SOURCES[channel]
            marks = {"source": source, "medium": medium} if source else {}
            touches.append(visit(f"t{person}-{day}", f"v{person}", day, **marks))
        if converts:
            deals.append(stage(f"d{person}", "sale", len(path) - 1, visitor_id=f"v{person}", amount="100.10", margin=1))
    deals.append(stage("untouched", "sale", 3, amount="50", margin=1))
    world.tell({"touches": touches, "deals": deals})
    world.attribute()


def test_every_model_adds_up_to_the_crm(shared: World) -> None:
    shared.hold(journeys)
    answer = asked(shared)
    for name in (*OF_CREDIT, *OF_JOURNEYS):
        rows = answer.rows
        assert sum(round(each * 10**9) for each in rows[name]) == 3 * 10**9, name
        assert sum(round(each * 10**4) for each in rows[f"{name}_revenue"]) == 250_2000, name
        assert column(answer, name)["(no touch)"] == 1
        assert column(answer, f"{name}_revenue")["(no touch)"] == 50
        assert (answer.totals[name], answer.totals[f"{name}_revenue"]) == (3, 250.2)
    assert answer.about["journeys"]["no_touch_share"] == pytest.approx(1 / 3)
    assert answer.about["journeys"]["one_touch_share"] == 0
    assert answer.about["journeys"]["nulls"] == 2
    assert "does not say what caused" in answer.about["note"]


@pytest.mark.parametrize("order", [1, 2])
def test_markov_and_shapley_equal_the_plain_ones(shared: World, order: int) -> None:
    shared.hold(journeys)
    answer = asked(shared, order=order)
    patterns = [Pattern(path, converts, 1 - converts) for path, converts in PATHS]
    channels = sorted(SOURCES)
    effects = {channel: removal_effect(patterns, order, channel) for channel in channels}
    assert column(answer, "removal_effect") == pytest.approx(effects)
    parts = {channel: 2 * effect / sum(effects.values()) for channel, effect in effects.items()}
    assert column(answer, "markov") == pytest.approx(parts | {"(no touch)": 1}, abs=1e-8)
    rates = {channel: 4 * value for channel, value in shapley(patterns, channels, "rate").items() if value}
    assert column(answer, "shapley_rate") == pytest.approx(rates | {"(no touch)": 1}, abs=1e-8)


def test_rules_are_those_of_the_romi_report(shared: World) -> None:
    shared.hold(journeys)
    answer = asked(shared)
    for name in (*OF_CREDIT, "shapley"):
        assert column(answer, name) == pytest.approx(shared.figures("channel", "sales", model=Model(name)), abs=1e-8)
        revenue = shared.figures("channel", "revenue", model=Model(name))  # to the cent of each conversion
        assert column(answer, f"{name}_revenue") == pytest.approx(revenue, abs=0.02 if name == "shapley" else 1e-9)


def test_an_empty_period_has_no_rows(shared: World) -> None:
    shared.hold(journeys)
    answer = asked(shared, date(2025, 1, 1), date(2025, 1, 31))
    assert answer.items() == []
    assert answer.about["journeys"]["one_touch_share"] is None
    assert answer.totals["markov"] == 0


def test_who_converts_beside_the_period_is_no_null(world: World) -> None:
    """Of two who only visited in January one buys in February; of two sales one lies in the period."""
    visits = [("a", "v", 5), ("b", "w", 5), ("c", "x", 5), ("d", "x", 6)]
    world.tell({
        "touches": [visit(name, visitor, day, "vk") for name, visitor, day in visits],
        "deals": [
            stage("later", "sale", 40, visitor_id="v", amount=1), stage("now", "sale", 6, visitor_id="x", amount=1),
        ],
    })  # fmt: skip
    world.attribute()
    counts = asked(world, date(2026, 1, 1), date(2026, 1, 31)).about["journeys"]
    assert (counts["conversions"], counts["nulls"], counts["touches"]) == (1, 1, 3)
    world.set(lookback_days=3)
    world.attribute()
    assert asked(world, date(2026, 1, 1), date(2026, 1, 31)).about["journeys"]["nulls"] == 2


def test_another_kind_and_channel_with_campaign(world: World) -> None:
    world.tell({
        "touches": [visit("a", "v", 1, "vk", campaign="spring"), visit("b", "v", 2, "vk")],
        "deals": [stage("d", "visit", 2, visitor_id="v")],
    })  # fmt: skip
    world.attribute()
    answer = asked(world, kind="visit", by="campaign")
    assert column(answer, "linear") == {"paid_social / spring": 0.5, "paid_social / (none)": 0.5}
    assert column(answer, "markov") == column(answer, "linear")
    assert not answer.rows["markov_revenue"].any()
    assert answer.rows["removal_effect"].tolist() == [1, 1]


def test_where_there_is_no_touch_all_is_without(world: World) -> None:
    world.tell({"deals": [stage("d", "sale", 3, amount="50")]})
    world.attribute()
    answer = asked(world)
    assert [row["channel"] for row in answer.items()] == ["(no touch)"]
    assert answer.items()[0]["markov"] == 1
    assert np.isnan(answer.rows["removal_effect"]).all()


def test_what_cannot_be_asked(world: World) -> None:
    with pytest.raises(NotReady):
        asked(world)
    for wrong in ({"kind": "click"}, {"order": 5}, {"by": "city"}):
        with pytest.raises(InvalidInput):
            asked(world, **wrong)


def test_tables_that_nobody_took_away_are_dropped(world: World) -> None:
    """As after a kill: they are told by their age."""
    warehouse = world.services.warehouse
    named = "select name from system.tables where database = currentDatabase() and name like 'journeys_%' order by name"
    with new_journeys(warehouse) as one, new_journeys(warehouse) as other:
        drop_abandoned(warehouse, timedelta(hours=1))
        assert [row["name"] for row in world.rows(named)] == sorted([one, other])
        drop_abandoned(warehouse, timedelta(0))
        assert world.rows(named) == []
