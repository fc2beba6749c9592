"""The ROMI/CPL report: hand-computed figures, every grouping, both calendars, and what cannot be asked."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from attribution.catalog import Catalog
from attribution.dimensions import BUILT_IN, Dimension, OwnDimension
from attribution.measures import MEASURES, SUMS
from attribution.models import Model
from attribution.reports import DIMENSIONS, Calendar, Condition, Order, Question
from infra.errors import InvalidInput, NotReady
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, lead, spend, stage, visit

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))
MARKS = {"campaign": "spring", "content": "banner-1", "term": "лада купить", "device": "phone", "region": "Москва"}


def journey(world: World) -> None:
    """Four visits a week apart, the last of them direct, and a sale of 1,000 with a margin of 300 with the last."""
    world.tell({
        "touches": [visit("a", "v", 0, "A"), visit("b", "v", 7, "B"), visit("c", "v", 14, "C"), visit("d", "v", 21)],
        "deals": [stage("d", "sale", 21, visitor_id="v", amount=1000, margin=300)],
    })  # fmt: skip
    world.attribute()


@pytest.mark.parametrize(
    ("model", "revenue"),
    [
        (Model.FIRST, {"A": 1000}),
        (Model.LAST, {"(none)": 1000}),
        (Model.LAST_NON_DIRECT, {"C": 1000}),
        (Model.LINEAR, {"A": 250, "B": 250, "C": 250, "(none)": 250}),
        (Model.POSITION, {"A": 400, "B": 100, "C": 100, "(none)": 400}),
        (Model.TIME_DECAY, {"A": 66.67, "B": 133.33, "C": 266.67, "(none)": 533.33}),  # 1 : 2 : 4 : 8
        (Model.CUSTOM, {"A": 375, "B": 125, "C": 125, "(none)": 375}),  # 0.3, 0.1, 0.1 and 0.3 of 0.8
    ],
)
def test_each_model_by_hand(shared: World, model: Model, revenue: dict[str, float]) -> None:
    shared.hold(journey)
    rows = shared.report("source", model=model).rows.set_index("source")
    rows = rows[rows["sales"] > 0]
    assert rows["revenue"].to_dict() == pytest.approx(revenue, abs=0.01)
    assert rows["margin"].to_dict() == pytest.approx({name: part * 0.3 for name, part in revenue.items()}, abs=0.01)
    assert rows["sales"].to_dict() == pytest.approx({name: part / 1000 for name, part in revenue.items()}, abs=1e-5)
    assert (round(rows["revenue"].sum(), 2), round(rows["margin"].sum(), 2)) == (1000, 300)


def journeys(world: World) -> None:
    """Of one, two and three visits a week apart, and one of five by the account's own weights, each with a sale."""
    world.set(custom_first=[0.0], custom_middle=1.0, custom_last=[0.0, 3.0])
    short = [(count, place) for count in (1, 2, 3) for place in range(count)]
    world.tell({
        "touches": [
            *(visit(f"t{count}-{place}", f"v{count}", 7 * place, f"{count}-{place}") for count, place in short),
            *(visit(f"t{n}", "v", n, f"s{n}") for n in range(5)),
        ],
        "deals": [stage(f"d-{visitor}", "sale", 30, visitor_id=visitor) for visitor in ("v1", "v2", "v3", "v")],
    })  # fmt: skip
    world.attribute()


@pytest.mark.parametrize(
    ("touches", "position", "decay"),
    [(1, [1.0], [1.0]), (2, [0.5, 0.5], [1 / 3, 2 / 3]), (3, [0.4, 0.2, 0.4], [1 / 7, 2 / 7, 4 / 7])],
)
def test_short_journeys(shared: World, touches: int, position: list[float], decay: list[float]) -> None:
    shared.hold(journeys)
    for model, shares in ((Model.POSITION, position), (Model.TIME_DECAY, decay)):
        found = shared.figures("source", "sales", model=model)
        expected = {f"{touches}-{place}": share for place, share in enumerate(shares)}
        assert {name: found[name] for name in found if name.startswith(f"{touches}-")} == pytest.approx(
            expected, abs=1e-8
        )


def test_own_weights_are_the_accounts(shared: World) -> None:
    shared.hold(journeys)
    found = shared.figures("source", "sales", model=Model.CUSTOM)
    expected = {"s1": 0.125, "s2": 0.125, "s4": 0.75}
    assert {name: found[name] for name in found if name.startswith("s")} == pytest.approx(expected, abs=1e-8)


def test_the_measures_by_hand(world: World) -> None:
    world.tell({
        "touches": [visit(f"t{n}", f"v{n}", n, "yandex") for n in range(10)],
        "leads": [
            lead(f"l{n}", n, visitor_id=f"v{n}", status="qualified" if n < 4 else "new") for n in range(8)
        ],
        "deals": [
            *(stage(f"d{n}", "visit", 12, lead_id=f"l{n}", visitor_id=f"v{n}") for n in range(3)),
            *(
                stage(f"d{n}", "sale", 15, lead_id=f"l{n}", visitor_id=f"v{n}", amount=10_000, margin=2_000)
                for n in range(2)
            ),
            stage("s", "sale", 20, kind="service", visitor_id="v0", amount=500, margin=100),
        ],
        "spend": [spend("2026-01-01", "2026-01-10", 2_400, "yandex", impressions=1_000, clicks=20)],
    })  # fmt: skip
    world.attribute()
    (row,) = world.report("channel").items()
    assert row == {
        "channel": "paid_search", "cost": 2400, "impressions": 1000, "clicks": 20, "sessions": 10, "leads": 8,
        "qualified": 4, "visits": 3, "sales": 2, "service_visits": 1, "revenue": 20_500, "margin": 4_100, "cpl": 300,
        "cpql": 600, "cpv": 800, "cps": 1200, "roas": pytest.approx(20_500 / 2400), "drr": pytest.approx(2400 / 20_500),
        "romi": pytest.approx(1700 / 2400), "cr_session_lead": 0.8, "cr_lead_qualified": 0.5,
        "cr_qualified_visit": 0.75, "cr_visit_sale": pytest.approx(2 / 3), "cr_lead_sale": 0.25,
    }  # fmt: skip


def test_a_ratio_over_nothing_has_no_value(world: World) -> None:
    world.tell({
        "touches": [visit("t", "v", 1, "free")],
        "deals": [stage("d", "sale", 2, visitor_id="v", amount=10, margin=5)],
        "spend": [spend("2026-01-01", "2026-01-01", 100, "dead")],
    })  # fmt: skip
    world.attribute()
    rows = {row["source"]: row for row in world.report("source").items()}
    missing = {name: {slug for slug in row if row[slug] is None} for name, row in rows.items()}
    ratios = {measure.slug for measure in MEASURES} - set(SUMS)
    assert missing["dead"] == ratios - {"roas", "romi"}
    assert (rows["dead"]["roas"], rows["dead"]["romi"]) == (0, -1)
    assert missing["free"] == ratios - {"cps", "drr", "cr_session_lead"}


def test_the_calendars_count_by_the_sale_or_by_the_touch(world: World) -> None:
    world.tell({
        "touches": [visit("jan", "v", 5, "A"), visit("feb", "v", 40, "B")],
        "deals": [stage("d", "sale", 70, visitor_id="v", amount=100), stage("none", "sale", 75, amount=7)],
    })  # fmt: skip
    world.attribute()
    assert world.figures("month", "revenue", model=Model.LINEAR) == {"2026-03-01": 107}
    touched = {"2026-01-01": 50, "2026-02-01": 50, "2026-03-01": 7}
    assert world.figures("month", "revenue", calendar=Calendar.TOUCH, model=Model.LINEAR) == touched
    first, last = JANUARY
    by_touch = world.report("source", first=first, last=last, calendar=Calendar.TOUCH, model=Model.LINEAR)
    assert by_touch.totals["revenue"] == 50
    assert world.report("source", first=first, last=last, model=Model.LINEAR).totals["revenue"] == 0


def test_both_days_of_a_period_are_in_it(world: World) -> None:
    world.tell({"leads": [lead(f"l{n}", at) for n, at in enumerate((-0.00001, 0, 15, 30.99999, 31))]})
    world.attribute()
    assert world.report("day", first=JANUARY[0], last=JANUARY[1]).totals["leads"] == 3


def everywhere(world: World) -> None:
    """Events that name something for every grouping."""
    world.refer(
        dealers=[
            {"id": "north", "brand": "Lada", "city": "Москва"},
            {"id": "south", "brand": "Geely", "city": "Казань"},
        ],
        contractors=[{"id": "agency", "campaigns": [{"source": "yandex"}], "fees": [{"percent": 10}]}],
    )
    sold = {"dealer": "north", "manager": "Anna", "product": "Vesta", "kind": "new", "margin": "33.33"}
    world.tell({
        "touches": [
            visit("t1", "v1", 4, "yandex", **MARKS), visit("t2", "v1", 9, "vk", medium="social"),
            visit("t3", "v1", 9.5), visit("t4", "v2", 4, "yandex", **MARKS, dealer="south"),
        ],
        "leads": [
            lead("l1", 10, visitor_id="v1", dealer="north", manager="Anna", product="Vesta"),
            lead("l2", 10, visitor_id="v2", dealer="south", status="qualified"), lead("l3", 11),
        ],
        "deals": [
            stage("d1", "visit", 12, visitor_id="v1", lead_id="l1", **sold),
            stage("d1", "sale", 36, visitor_id="v1", lead_id="l1", amount="999.99", **sold),
            stage("d2", "sale", 37, visitor_id="v1", amount="0.01", dealer="south"),
            stage("d3", "sale", 38, amount=100),
        ],
        "spend": [
            spend("2026-01-01", "2026-01-31", "1000.01", "yandex", campaign="spring", content="banner-1", clicks=31),
            spend("2026-01-05", "2026-01-05", 70, "radio", dealer="south"),
        ],
    })  # fmt: skip
    world.attribute()


GROUPS = {
    "day": {"2026-02-06", "2026-02-07", "2026-02-08"},
    "week": {"2026-02-02"},
    "month": {"2026-02-01"},
    "weekday": {"5", "6", "7"},
    "hour": {"00"},
    "channel": {"social", "(no touch)"},
    "source": {"vk", "(no touch)"},
    "medium": {"social", "(no touch)"},
    "campaign": {"(none)", "(no touch)"},
    "content": {"(none)", "(no touch)"},
    "term": {"(none)", "(no touch)"},
    "dealer": {"north", "south", "(none)"},
    "brand": {"Lada", "Geely", "(none)"},
    "city": {"Москва", "Казань", "(none)"},
    "contractor": {"(none)", "(no touch)"},
    "manager": {"Anna", "(none)"},
    "product": {"Vesta", "(none)"},
    "kind": {"new", "(none)"},
    "region": {"(none)", "(no touch)"},
    "device": {"(none)", "(no touch)"},
    "repeat": {"first-time", "repeat"},
    "part": {"(none)"},
}
OF_THE_FIRST_TOUCH = {
    "channel": "paid_search", "source": "yandex", "medium": "cpc", "campaign": "spring", "content": "banner-1",
    "term": "лада купить", "device": "phone", "region": "Москва", "contractor": "agency",
}  # fmt: skip


def test_every_grouping_holds_the_whole_and_names_its_groups(shared: World) -> None:
    assert set(GROUPS) == set(DIMENSIONS)
    shared.hold(everywhere)
    whole = shared.report("month").totals
    assert (whole["revenue"], whole["sales"], whole["leads"], whole["cost"]) == (1100, 3, 3, 1170.011)
    assert whole["margin"] == 33.33
    for name in DIMENSIONS:
        rows = assert_the_whole(shared, whole, name)
        assert {str(group) for group in rows[name][rows["sales"] != 0]} == GROUPS[name], name


def assert_the_whole(world: World, whole: dict[str, Any], *by: str) -> pd.DataFrame:
    report = world.report(*by)
    assert report.totals == whole, by
    added = report.rows[list(SUMS)].sum().round(6)
    assert added.to_dict() == pytest.approx({name: whole[name] for name in SUMS}), by
    assert not report.rows.duplicated(list(by)).any()
    return report.rows


def test_every_grouping_holds_the_whole_beside_others_too(shared: World) -> None:
    shared.hold(everywhere)
    whole = shared.report("month").totals
    others = [name for name in DIMENSIONS if name not in ("channel", "dealer")]
    assert len(others) % 2 == 0
    beside = [("channel", "dealer"), *(("channel", "dealer", *two) for two in zip(*[iter(others)] * 2, strict=True))]
    for by in beside if shared.services.settings.embedded_warehouse else [("dealer", "month")]:
        assert_the_whole(shared, whole, *by)


def test_groups_are_those_of_the_touch_that_is_credited(shared: World) -> None:
    shared.hold(everywhere)
    names = list(OF_THE_FIRST_TOUCH)
    for by in (names[:4], names[4:8], names[8:]):
        rows = shared.report(*by, model=Model.FIRST).rows
        for name in by:
            found = rows.groupby(name)["sales"].sum()
            assert found[found != 0].to_dict() == {OF_THE_FIRST_TOUCH[name]: 2, "(no touch)": 1}, name


def test_two_groupings_are_the_first_split_by_the_second(shared: World) -> None:
    shared.hold(everywhere)
    both = shared.report("dealer", "source").rows
    for name in ("leads", "sales", "revenue"):
        split = both.groupby("dealer")[name].sum()
        assert {dealer: part for dealer, part in split.items() if part} == shared.figures("dealer", name)
    swapped = shared.report("source", "dealer").rows
    order = ["dealer", "source"]
    columns = [*order, *SUMS]
    pd.testing.assert_frame_equal(
        both.sort_values(order)[columns].reset_index(drop=True),
        swapped.sort_values(order)[columns].reset_index(drop=True),
    )


def test_own_dimensions_conditions_and_orders_go_to_the_engine_as_data(shared: World) -> None:
    shared.hold(everywhere)
    rules = [{"value": "it's {ours}", "when": {"product": "^вес|^ves", "dealer": ["north", "a'b"]}}]
    own = OwnDimension.model_validate({"rules": rules})
    catalog = Catalog(dimensions={**BUILT_IN, "segment": Dimension("segment", own, 1)})
    asked: dict[str, Any] = {"catalog": catalog, "order": Order("romi", descending=True)}
    rows = shared.report(
        "segment", "properties.it's", where=(Condition("source", ("a|b", "'"), True),), **asked
    ).items()
    assert {row["segment"]: row["sales"] for row in rows} == {"it's {ours}": 1, "other": 1, "(none)": 1}


def test_the_dearest_group_comes_first(shared: World) -> None:
    shared.hold(everywhere)
    cost = shared.report("source").rows["cost"].tolist()
    assert cost == sorted(cost, reverse=True)


def test_a_period_without_anything_is_an_empty_report(shared: World) -> None:
    shared.hold(everywhere)
    report = shared.report("dealer", "month", first=date(2020, 1, 1), last=date(2020, 12, 31))
    assert report.rows.empty
    assert report.totals["cost"] == report.totals["leads"] == 0
    assert report.totals["cpl"] is None


@pytest.mark.parametrize(
    ("by", "first", "last", "sentence"),
    [
        (("brandt",), FIRST_DAY, LAST_DAY, "There is no grouping 'brandt'."),
        ((), FIRST_DAY, LAST_DAY, "A report has from one to four groupings, each once."),
        (("day", "day"), FIRST_DAY, LAST_DAY, "A report has from one to four groupings, each once."),
        (
            ("day", "week", "month", "term", "kind"),
            FIRST_DAY,
            LAST_DAY,
            "A report has from one to four groupings, each once.",
        ),
        (("day",), LAST_DAY, FIRST_DAY, "The period ends before it begins."),
    ],
)
def test_what_cannot_be_asked_is_said(by: tuple[str, ...], first: date, last: date, sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Question(by, first, last)
    assert raised.value.message == sentence


def test_before_the_first_run_there_is_no_report(world: World) -> None:
    with pytest.raises(NotReady, match="Nothing has been attributed yet") as raised:
        world.report("channel")
    assert raised.value.help
    del raised


def test_a_run_that_died_half_way_is_read_by_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    everywhere(world)
    before: dict[str, Any] = world.report("source").totals
    world.tell({"deals": [stage("late", "sale", 50, amount=5)]})
    monkeypatch.setitem(world.services.__dict__, "clock", DyingClock(world.services.clock))
    with pytest.raises(KeyboardInterrupt):
        world.attribute()
    monkeypatch.undo()
    assert world.report("source").totals == before
    world.attribute()
    assert world.report("source").totals["revenue"] == before["revenue"] + 5


class DyingClock:
    """Lets a run begin, and ends it when it would note that it is done."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._asked = 0

    def now(self) -> Any:
        self._asked += 1
        if self._asked > 1:
            raise KeyboardInterrupt
        return self._clock.now()
