"""The funnel, against plain Python over random events, and by hand."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from attribution.answer import Answer, Period
from attribution.funnel import VISITOR, funnel_report
from attribution.models import Model
from attribution.opportunities import GROUPINGS, STAGES, OpportunityQuestion
from infra.errors import InvalidInput
from tests.attribution.reference_opportunities import (
    BEFORE,
    NEXT,
    Opportunity,
    opportunities,
    quantile,
    random_events,
)  # fmt: skip
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, lead, stage, visit


def funnel(world: World, *by: str, first: date = FIRST_DAY, last: date = LAST_DAY, **asked: Any) -> Answer:
    own = world.services.settings.model_copy(update=world.changed)
    return funnel_report(world.services.warehouse, OpportunityQuestion(by, Period(first, last), **asked), own)


def known_until(events: dict[str, list[dict[str, Any]]]) -> datetime:
    said = [
        event.get("occurred_at") or event.get("created_at") or event["started_at"]
        for each in events.values()
        for event in each
    ]
    return max(datetime.fromisoformat(moment) for moment in said)


def expected_rows(found: list[Opportunity], until: datetime) -> dict[str, dict[str, Any]]:
    rows = {}
    for place, name in enumerate(STAGES):
        there = [each for each in found if each.reached[place]]
        stopped = [each for each in there if place == max(n for n, moment in enumerate(each.reached) if moment)]
        still = [(until - each.reached[place]).total_seconds() / 86400 for each in stopped if each.state == "open"]  # type: ignore[operator]
        lags = [
            (each.seen[place] - each.seen[BEFORE[place]]).total_seconds() / 86400  # type: ignore[operator]
            for each in there
            if place in BEFORE and each.seen[place] and each.seen[BEFORE[place]]
        ]
        lags = [lag for lag in lags if lag >= 0]
        went_on = sum(bool(each.reached[NEXT[place]]) for each in there) if place in NEXT else None
        rows[name] = {
            "reached": len(there),
            "to_next": went_on / len(there) if went_on is not None and there else None,
            "from_lead": len(there) / len(found) if found else None,
            "lag_median": quantile(lags, 0.5),
            "lag_p90": quantile(lags, 0.9),
            "open": len(still),
            "open_median": quantile(still, 0.5),
            "open_p90": quantile(still, 0.9),
            "lost": sum(each.state == "lost" for each in stopped),
        }
    return rows


BY: dict[str, Callable[[Opportunity], str]] = {
    "dealer": lambda each: each.dealer,
    "manager": lambda each: each.manager,
    "month": lambda each: each.at.strftime("%Y-%m-01"),
    "hour": lambda each: each.at.strftime("%H"),
    "weekday": lambda each: each.at.strftime("%u %A"),
}


@settings(max_examples=2, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_it_is_what_plain_python_finds(world: World, seed: int) -> None:
    world.clear()
    events = random_events(seed)
    world.tell(events)
    world.attribute()
    found = [each for each in opportunities(events) if not each.is_service]
    for by in ((), ("manager", "month"), ("hour", "weekday")):
        groups: dict[tuple[str, ...], list[Opportunity]] = {}
        for each in found:
            groups.setdefault(tuple(BY[name](each) for name in by), []).append(each)
        report = funnel(world, *by)
        told = {
            (tuple(row[name] for name in by), row["stage"]): row for row in report.items() if row["stage"] != VISITOR
        }
        assert {group for group, _ in told} == set(groups)
        for group, members in groups.items():
            for name, expected in expected_rows(members, known_until(events)).items():
                row = {slug: told[group, name][slug] for slug in expected}
                assert row == {k: v if v is None else pytest.approx(v, abs=1e-6) for k, v in expected.items()}, name


def two_channels(world: World) -> None:
    """Persons with a visit by yandex and one by vk, three of four by both; every third goes on."""
    rng = np.random.default_rng(1)
    touches, leads, deals = [], [], []
    for n in range(30):
        sources = ["yandex", "vk"] if n % 4 else ["yandex"]
        touches += [visit(f"t{n}-{source}", f"v{n}", n + place, source) for place, source in enumerate(sources)]
        leads.append(lead(f"l{n}", n + 2, visitor_id=f"v{n}", dealer="north" if n % 2 else "south"))
        reached = ["qualified", "visit", "contract", "sale"][: int(rng.integers(0, 5))]
        deals += [
            stage(f"d{n}", name, n + 3 + 4 * place, lead_id=f"l{n}", dealer="north" if n % 2 else "south")
            for place, name in enumerate(reached)
        ]
    touches += [visit(f"other{n}", f"o{n}", n, "yandex") for n in range(10)]
    world.tell({"touches": touches, "leads": leads, "deals": deals})
    world.attribute()


OBLIGATORY = ["lead", "qualified", "visit", "contract", "sale"]


def test_stages_never_grow_and_groups_hold_the_whole(shared: World) -> None:
    shared.hold(two_channels)
    whole = funnel(shared).rows.set_index("stage")
    assert whole.loc["lead", "reached"] == 30
    for model, *by in (
        (Model.LAST, "channel"),
        (Model.LINEAR, "source", "dealer"),
        (Model.POSITION, "source", "month"),
    ):
        rows = funnel(shared, *by, model=model).rows
        for name in ("reached", "open", "lost"):
            sums = rows[rows["stage"] != VISITOR].groupby("stage")[name].sum()
            assert sums.to_dict() == pytest.approx(whole.loc[list(STAGES), name].to_dict(), abs=1e-9), (by, model)
        counts = rows.pivot_table(index=by, columns="stage", values="reached")[OBLIGATORY].dropna().to_numpy()
        assert (np.diff(counts, axis=1) <= 1e-9).all()
    half = funnel(shared, "source", model=Model.LINEAR).rows.set_index(["source", "stage"])["reached"]
    both = sum(bool(n % 4) for n in range(30))
    assert half["vk", "lead"] == pytest.approx(both / 2, abs=1e-6)


def test_visitors_and_those_of_them_who_asked(shared: World) -> None:
    shared.hold(two_channels)
    rows = funnel(shared, "source").rows.set_index(["source", "stage"])
    assert rows.loc[("yandex", VISITOR), "reached"] == 40
    assert rows.loc[("yandex", VISITOR), "to_next"] == pytest.approx(30 / 40)
    assert ("vk", VISITOR) not in rows.index  # everybody came by yandex first
    early = funnel(shared, first=date(2026, 1, 1), last=date(2026, 1, 5)).rows.set_index("stage")
    assert early.loc[VISITOR, "reached"] == 10


def test_every_grouping_can_be_asked(shared: World) -> None:
    shared.hold(two_channels)
    whole = funnel(shared).rows.set_index("stage")["reached"]
    assert len(GROUPINGS) % 2 == 1
    for by in zip(GROUPINGS[::2], [*GROUPINGS[1::2], "dealer"], strict=True):
        rows = funnel(shared, *by).rows
        assert rows.groupby("stage")["reached"].sum().to_dict() == pytest.approx(whole.to_dict()), by


def test_nothing_in_the_period_is_an_empty_report(shared: World) -> None:
    shared.hold(two_channels)
    report = funnel(shared, "channel", first=date(2020, 1, 1), last=date(2020, 1, 31))
    assert report.rows.empty
    assert report.about["until"] >= "2026-01-01"


def test_what_was_seen_of_recent_leads(world: World) -> None:
    """Each sale takes ten days, one lead a day: of those of the last ten days none can have been sold."""
    world.tell({
        "leads": [lead(f"l{n}", n, phone=f"+7903000{n:04d}") for n in range(60)],
        "deals": [stage(f"d{n}", "sale", n + 10, lead_id=f"l{n}", contact={"phone": f"+7903000{n:04d}"})
                  for n in range(50)],
    })  # fmt: skip
    world.attribute()
    rows = funnel(world).rows.set_index("stage")
    assert rows.loc["lead", "seen"] == 1
    assert rows.loc["sale", "seen"] == pytest.approx(49 / 60)  # the last day is not over
    assert rows.loc["sale", "lag_median"] is not None


def test_a_sale_that_came_back_and_a_deal_that_was_taken_up_again(world: World) -> None:
    world.tell({"deals": [
        stage("undone", "lead", 1), stage("undone", "sale", 5), stage("undone", "lost", 9),
        stage("again", "lead", 1), stage("again", "lost", 5), stage("again", "visit", 9),
    ]})  # fmt: skip
    world.attribute()
    rows = funnel(world).rows.set_index("stage")
    assert rows["reached"].to_dict() == {
        "lead": 2, "qualified": 2, "appointment": 0, "visit": 2, "test_drive": 0, "contract": 1, "sale": 0,
    }  # fmt: skip
    assert (rows.loc["contract", "lost"], rows.loc["visit", "open"]) == (1, 1)


def test_requests_for_service_are_no_opportunities(world: World) -> None:
    world.tell({
        "leads": [lead("s", 1, phone="+79030000001", direction="service"), lead("c", 1, phone="+79030000002")],
        "deals": [stage("w", "sale", 2, kind="service", contact={"phone": "+79030000003"})],
    })  # fmt: skip
    world.attribute()
    assert funnel(world).rows.set_index("stage").loc["lead", "reached"] == 1


def test_a_day_begins_at_the_accounts_midnight(world: World) -> None:
    world.set(timezone="Asia/Vladivostok")
    world.tell({"leads": [lead("l", 30.9)]})
    world.attribute()
    row = funnel(world, "month", "hour").items()[0]
    assert (row["month"], row["hour"]) == ("2026-02-01", "07")


@pytest.mark.parametrize("by", [("colour",), ("dealer", "dealer"), ("dealer", "month", "hour")])
def test_what_cannot_be_asked_is_said(world: World, by: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as raised:
        funnel(world, *by)
    assert raised.value.where == "by"
