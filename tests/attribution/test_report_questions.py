"""What the ROMI/CPL report can be asked: groupings, conditions, order, pages, own measures and dimensions, models."""

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from api.bootstrap import Services
from attribution.catalog import SHIPPED, Catalog
from attribution.defining import read_dimension, read_measure
from attribution.definitions import report_definitions
from attribution.dimensions import DIMENSIONS, NO_TOUCH, NONE
from attribution.measures import SUMS
from attribution.models import Model
from attribution.reports import Condition, Order, Question
from attribution.sharing import DealerShare
from infra.clock import FrozenClock
from infra.errors import InvalidInput
from infra.settings import read_settings
from tests.attribution.world import FIRST_DAY, LAST_DAY, NOW, World, call, lead, spend, stage, visit
from tests.migrated import lay_warehouse

SOURCES = ("yandex", "vk", "avito", "radio")
PRODUCTS = ("Vesta", "Granta", "Monjaro", "Atlas", "")
DEALERS = ("north", "south", "west", "")


def holding() -> dict[str, list[dict[str, Any]]]:
    """60 visitors, of whom some become leads and sales; two in three come back before they do."""
    events: dict[str, list[dict[str, Any]]] = {name: [] for name in ("touches", "leads", "deals", "calls")}
    for n in range(60):
        person, dealer, product = f"v{n}", DEALERS[n % 4], PRODUCTS[n % 5]
        said = {"visitor_id": person, "dealer": dealer, "product": product, "manager": ("Anna", "Boris")[n % 2]}
        events["touches"].append(visit(f"a{n}", person, n, SOURCES[n % 4], campaign=f"c{n % 3}", dealer=dealer))
        if n % 3:
            events["touches"].append(
                visit(f"b{n}", person, n + 0.4, SOURCES[(n + 1) % 4], device=("phone", "pc")[n % 2])
            )
        if n % 2:
            events["leads"].append(
                lead(f"l{n}", n + 0.45, **said, properties={"loan": ("yes", "no")[n % 4 == 1], "score": n % 7})
            )
        if n % 5 == 0:
            told = {"lead_id": f"l{n}"} if n % 2 else {}
            events["deals"].append(
                stage(f"d{n}", "visit", n + 5.6, **said, **told, properties={"bank": f"bank {n % 2}"})
            )
            events["deals"].append(stage(f"d{n}", "sale", n + 9.7, **said, **told, amount=1000 + n, margin=100 + n))
    events["calls"].append(call("k1", 3, "+74950000001", properties={"loan": "asked"}))
    events["deals"].append(stage("none", "sale", 20, amount=50, margin=5, properties={"bank": "bank 2"}))
    return events


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """What both clients are asked alike is in the other modules."""
    folder = tmp_path_factory.mktemp("questions")
    lay_warehouse(folder)
    settings = read_settings(data=folder, timezone="UTC", load_interval_ms=1, _env_file=None)
    opened = Services(settings, FrozenClock(NOW))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def world(services: Services) -> World:
    """Told and attributed once: these tests only ask."""
    world = World(services)
    world.clear()
    world.refer(
        dealers=[{"id": name, "brand": "Lada" if name == "north" else "Geely", "city": name[0]} for name in DEALERS[:3]]
    )
    costs = [
        *(
            spend("2026-01-01", "2026-03-01", 1000 + n, source, campaign=f"c{n % 3}")
            for n, source in enumerate(SOURCES)
        ),
        spend("2026-01-10", "2026-01-12", 333, "vk", dealer="south"),
    ]
    world.tell({**holding(), "spend": costs})
    world.attribute()
    return world


@pytest.fixture
def defined(world: World) -> Iterator[World]:
    """Whose definitions are forgotten afterwards."""
    yield world
    with world.services.database.begin() as connection:
        connection.execute(delete(report_definitions))


def catalog_with(world: World, **definitions: dict[str, Any]) -> Catalog:
    for name, body in definitions.items():
        if "formula" in body:
            world.services.definitions.keep_measure(name, read_measure(body), author="anna")
        else:
            world.services.definitions.keep_dimension(name, read_dimension(body), author="anna")
    return world.services.definitions.catalog()


def sums_by(rows: pd.DataFrame, by: str) -> dict[str, dict[str, float]]:
    found = rows.groupby(by)[list(SUMS)].sum().round(6)
    return {str(name): {slug: float(row[slug]) for slug in SUMS} for name, row in found.iterrows()}


FINEST = ("channel", "dealer", "product", "manager")


def test_four_groupings_hold_what_one_does(world: World) -> None:
    finest = world.report(*FINEST).rows
    assert not finest.duplicated(list(FINEST)).any()
    for name in FINEST:
        told = world.report(name).rows
        assert sums_by(finest, name) == {
            key: pytest.approx(row, abs=1e-5) for key, row in sums_by(told, name).items()
        }  # fmt: skip


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), by=st.sampled_from(FINEST))
def test_conditions_keep_just_the_groups_that_they_name(world: World, data: st.DataObject, by: str) -> None:
    finest = world.report(*FINEST, share=DealerShare.NONE).rows
    names = data.draw(st.lists(st.sampled_from(FINEST), min_size=1, max_size=3, unique=True))
    where = []
    kept = pd.Series(data=True, index=finest.index)
    for name in names:
        values = data.draw(st.lists(st.sampled_from([*sorted(set(finest[name])), "nobody"]), min_size=1, max_size=3))
        excluded = data.draw(st.booleans())
        where.append(Condition(name, tuple(values), excluded))
        kept &= finest[name].isin(values) != excluded
    report = world.report(by, share=DealerShare.NONE, where=tuple(where))
    wanted = finest[kept]
    assert sums_by(report.rows, by) == {
        key: pytest.approx(row, abs=1e-5) for key, row in sums_by(wanted, by).items() if any(row.values())
    }
    assert {name: report.totals[name] for name in SUMS} == pytest.approx(wanted[list(SUMS)].sum().to_dict(), abs=1e-5)


def test_cost_without_a_dealer_is_shared_out_before_a_dealer_is_picked(world: World) -> None:
    shared = {row["dealer"]: row["cost"] for row in world.report("dealer").items()}
    picked = world.report("source", where=(Condition("dealer", ("south",)),))
    assert picked.totals["cost"] == pytest.approx(shared["south"], abs=0.001)
    towns = {row["city"]: row["cost"] for row in world.report("city").items()}
    brands = {row["brand"]: row["cost"] for row in world.report("brand").items()}
    assert towns["s"] == pytest.approx(shared["south"], abs=0.001)
    assert brands["Geely"] == pytest.approx(shared["south"] + shared["west"], abs=0.001)
    assert brands["Lada"] == pytest.approx(shared["north"], abs=0.001)


def test_the_hour_and_the_weekday_of_conversions(world: World) -> None:
    hours = world.figures("hour", "sales")
    assert hours == {"16": 12, "00": 1}  # 0.7 of a day is 16:48; the sale without a person came at midnight
    finest = world.report("day", "weekday").rows
    assert all(str(pd.Timestamp(row["day"]).isoweekday()) == row["weekday"] for _, row in finest.iterrows())


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_are_the_whole_in_order(world: World, limit: int) -> None:
    whole = world.report("source", "day", order=Order("cost", descending=True))
    assert (whole.groups, whole.next) == (len(whole.rows), None)
    pages, offset = [], 0
    while True:
        page = world.report("source", "day", order=Order("cost", descending=True), limit=limit, offset=offset)
        assert (page.totals, page.groups) == (whole.totals, whole.groups)
        pages.append(page.rows)
        if page.next is None or len(pages) > 3:
            break
        offset = int(page.next)
    told = pd.concat(pages, ignore_index=True)
    pd.testing.assert_frame_equal(told, whole.rows.head(len(told)))


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("name", ["cpl", "sales", "romi"])
def test_groups_are_ordered_by_a_measure_and_missing_values_are_last(
    world: World,
    name: str,
    descending: bool,
) -> None:
    found = world.report("day", order=Order(name, descending)).rows
    wanted = found.sort_values([name, "day"], ascending=[not descending, True], na_position="last")
    assert found["day"].tolist() == wanted["day"].tolist()
    assert found[name].isna().any() == (name != "sales")


def test_groups_are_ordered_by_their_names(world: World) -> None:
    for descending in (False, True):
        days = world.report("source", "day", order=Order("day", descending)).rows["day"].tolist()
        assert days == sorted(days, reverse=descending)


def test_an_own_measure_is_computed_of_sums_in_each_group_and_in_the_total(defined: World) -> None:
    catalog = catalog_with(
        defined,
        profit_per_sale={"formula": "(margin - cost - 0.1*revenue) / sales", "title": "Profit per sale"},
        capped={"formula": "round(min(profit_per_sale, 0) + coalesce(cpl, 0), 2)"},
    )
    names = ("cost", "sales", "profit_per_sale", "capped")
    report = defined.report("source", measures=names, catalog=catalog)
    sums = defined.report("source").rows
    expected = (sums["margin"] - sums["cost"] - 0.1 * sums["revenue"]) / sums["sales"].where(sums["sales"] != 0)
    assert list(report.rows) == ["source", *names]
    pd.testing.assert_series_equal(report.rows["profit_per_sale"], expected, check_names=False)
    whole = defined.report("source").totals
    assert report.totals["profit_per_sale"] == pytest.approx(
        (whole["margin"] - whole["cost"] - 0.1 * whole["revenue"]) / whole["sales"]
    )
    figure = report.figures[2]
    assert (figure.title, figure.unit) == ("Profit per sale", "money")
    ordered = defined.report("source", measures=names, catalog=catalog, order=Order("profit_per_sale", descending=True))
    assert ordered.rows["profit_per_sale"].tolist() == sorted(expected.dropna(), reverse=True) + [
        None for _ in range(expected.isna().sum())
    ]
    assert ordered.about["definitions"]["profit_per_sale"] == {
        "version": 1, "formula": "(margin - cost - 0.1*revenue) / sales",
    }  # fmt: skip


SEGMENT = {
    "rules": [
        {"value": "small", "when": {"product": "vesta|granta"}},
        {"value": "big in the south", "when": {"product": ["Monjaro", "Atlas"], "dealer": "^south$"}},
    ]
}


def test_an_own_dimension_takes_the_first_rule_that_matches(defined: World) -> None:
    catalog = catalog_with(defined, segment=SEGMENT)
    finest = defined.report("product", "dealer").rows

    def segment(row: pd.Series) -> str:
        if row["product"] in ("Vesta", "Granta"):
            return "small"
        if row["product"] in ("Monjaro", "Atlas") and row["dealer"] == "south":
            return "big in the south"
        return NONE if row["product"] == row["dealer"] == NONE else "other"

    wanted = finest.assign(segment=finest.apply(segment, axis=1))
    report = defined.report("segment", catalog=catalog)
    assert sums_by(report.rows, "segment") == {
        key: pytest.approx(row, abs=1e-5) for key, row in sums_by(wanted, "segment").items()
    }
    assert set(report.rows["segment"]) == {"small", "big in the south", "other", NONE}
    only = defined.report("product", catalog=catalog, where=(Condition("segment", ("small",)),))
    assert set(only.rows["product"]) == {"Vesta", "Granta"}
    assert report.about["definitions"] == {"segment": {"version": 1}}


def test_an_own_dimension_over_dealers_gets_its_part_of_the_cost(defined: World) -> None:
    catalog = catalog_with(defined, zone={"rules": [{"value": "cold", "when": {"dealer": ["north", "west"]}}]})
    shared = {row["dealer"]: row["cost"] for row in defined.report("dealer").items()}
    zones = {row["zone"]: row["cost"] for row in defined.report("zone", catalog=catalog).items()}
    assert zones["cold"] == pytest.approx(shared["north"] + shared["west"], abs=0.001)
    assert sum(zones.values()) == pytest.approx(defined.report("month").totals["cost"], abs=1e-6)


def test_where_nobody_came_from_anywhere_an_own_dimension_says_so(defined: World) -> None:
    catalog = catalog_with(defined, paid={"rules": [{"value": "touch", "when": {"source": "touch|none"}}]})
    assert defined.figures("paid", "sales", catalog=catalog) == {"other": 12, NO_TOUCH: 1}
    named = catalog_with(defined, paid={"rules": [{"value": "unknown", "when": {"source": [NO_TOUCH, NONE]}}]})
    assert defined.figures("paid", "sales", catalog=named) == {"other": 12, "unknown": 1}


def test_a_rule_that_asks_nothing_takes_the_rest(defined: World) -> None:
    catalog = catalog_with(
        defined, team={"rules": [{"value": "A", "when": {"manager": "anna"}}, {"value": "rest"}], "otherwise": "never"}
    )
    assert set(defined.report("team", catalog=catalog).rows["team"]) == {"A", "rest"}


def test_a_property_of_the_lead_or_the_deal_is_a_dimension(defined: World) -> None:
    catalog = catalog_with(defined, bank={"property": "bank"})
    assert defined.figures("bank", "sales", catalog=catalog) == {"bank 0": 6, "bank 1": 6, "bank 2": 1}
    leads = defined.figures("properties.loan", "leads")
    assert leads == {"no": 15, "yes": 15, "asked": 1}
    assert defined.figures("properties.loan", "sales") == {"yes": 3, "no": 3, NONE: 7}  # by way of the deal's lead
    scores = defined.figures("properties.score", "leads")
    assert sum(scores.values()) == 31
    assert set(scores) == {NONE, *map(str, range(7))}
    mixed = catalog_with(defined, rich={"rules": [{"value": "rich", "when": {"properties.score": "[5-6]"}}]})
    assert defined.figures("rich", "leads", catalog=mixed)["rich"] == scores["5"] + scores["6"]


def test_each_measure_can_have_a_model_of_its_own(world: World) -> None:
    models = (("leads", Model.FIRST), ("cps", Model.LINEAR))
    report = world.report("source", models=models)
    rows = report.rows.set_index("source").sort_index()
    by_model = {
        model: world.report("source", model=model).rows.set_index("source").sort_index()
        for model in (Model.FIRST, Model.LINEAR, Model.LAST_NON_DIRECT)
    }
    for name, model in (
        ("leads", Model.FIRST), ("cpl", Model.FIRST), ("sales", Model.LINEAR), ("cps", Model.LINEAR),
        ("revenue", Model.LAST_NON_DIRECT), ("romi", Model.LAST_NON_DIRECT), ("visits", Model.LAST_NON_DIRECT),
    ):  # fmt: skip
        pd.testing.assert_series_equal(rows[name], by_model[model][name])
    told = report.about["models"]
    assert (told["leads"], told["cpl"], told["sales"], told["romi"]) == (
        ["first"],
        ["first"],
        ["linear"],
        ["last_non_direct"],
    )
    assert (told["cost"], told["cr_lead_sale"]) == ([], ["first", "linear"])
    assert "allocated" in report.about["words"]
    assert {name: report.totals[name] for name in SUMS} == pytest.approx(
        {name: world.report("source").totals[name] for name in SUMS}
    )


def test_every_dimension_can_be_asked_in_fours_and_holds_the_whole(world: World) -> None:
    whole = world.report("month").totals
    for place in range(0, len(DIMENSIONS), 3):
        by = [DIMENSIONS[(place + step) % len(DIMENSIONS)] for step in range(4)]
        assert world.report(*by).totals == whole, by


@pytest.mark.parametrize(
    ("asked", "where", "sentence"),
    [
        ({"measures": ("cpx",)}, "measures", "There is no measure 'cpx'."),
        ({"measures": ("cpl", "cpl")}, "measures", "A measure is asked for twice."),
        ({"order": Order("cpx")}, "sort", "There is no measure 'cpx'."),
        ({"where": (Condition("colour", ("red",)),)}, "where", "There is no grouping 'colour'."),
        ({"limit": 0}, "limit", "A page has from 1 to 1,000,000 groups."),
        ({"offset": -1}, "next", "There is no such page."),
        ({"models": (("cost", Model.FIRST),)}, "models", "No model divides cost."),
        (
            {"models": (("cps", Model.FIRST), ("sales", Model.LAST))}, "models",
            "sales is asked for by two models, first and last.",
        ),
        ({"where": tuple(Condition(name, ("x",)) for name in DIMENSIONS[:9])}, "by", "look at 9 dimensions"),
        ({"where": tuple(Condition(f"properties.p{n}", ("x",)) for n in range(5))}, "by", "look at 4 properties"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(asked: dict[str, Any], where: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Question(("channel",), FIRST_DAY, LAST_DAY, **asked)
    assert sentence in raised.value.message
    assert raised.value.where == where


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(InvalidInput) as raised:
        Question(("chanel",), FIRST_DAY, LAST_DAY)
    assert raised.value.help.startswith("Is channel meant? The groupings are day, week, month")
    assert json.dumps(Question(("channel",), FIRST_DAY, LAST_DAY, catalog=SHIPPED).as_dict())
