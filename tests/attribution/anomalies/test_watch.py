"""What happens in a holding is told once, with the likely cause, and ends."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete

from api.bootstrap import Services
from attribution.anomalies.baseline import HISTORY
from attribution.anomalies.notices import Notice, notices
from attribution.anomalies.watch import Outcome, check_anomalies
from infra.errors import NotReady
from tests.attribution.noise.noisy import clear_noise
from tests.attribution.world import START, World

FIRST = START.date()
DEALERS = ("d1", "d2", "d3", "d4", "d5")
CAMPAIGNS = ("y1", "y2", "y3")


@dataclass
class Holding:
    """Five dealers of three campaigns each: a dozen visits, three calls, two forms, spend, and what befalls."""

    world: World
    seed: int = 7

    def live(self, days: range, **fate: Any) -> None:
        rng = np.random.default_rng((self.seed, days.start))
        told: dict[str, list[dict[str, Any]]] = {"touches": [], "calls": [], "leads": [], "spend": []}
        for day in days:
            for dealer in DEALERS:
                for campaign in CAMPAIGNS:
                    self._day(rng, told, day, dealer, campaign, fate)
        self.world.tell(told)

    def _day(
        self, rng: Any, told: dict[str, list[dict[str, Any]]], day: int, dealer: str, campaign: str, fate: Any
    ) -> None:
        key = f"{day}-{dealer}-{campaign}"
        lost = fate.get("lost_marks") == campaign
        mark = {} if lost else {"source": "yandex", "medium": "cpc", "campaign": campaign}
        for n in range(0 if fate.get("untracked") == dealer else rng.poisson(4)):
            visit = {"id": f"t{key}-{n}", "visitor_id": f"v{key}-{n}", "occurred_at": _at(day, n), "dealer": dealer}
            page = {
                "url": f"https://site.example/{dealer}/x",
                "properties": {"collected_from": fate.get("source", "site")},
            }
            told["touches"].append(visit | mark | page)
        if fate.get("silent") != dealer:
            for n in range(rng.poisson(1.2)):
                call = {"id": f"c{key}-{n}", "started_at": _at(day, n), "caller": "", "called": "+74950000001"}
                told["calls"].append(
                    call | {"dealer": dealer, "source": "yandex", "medium": "cpc", "campaign": campaign}
                )
        for n in range(rng.poisson(fate.get("forms", 0.8))):
            visitor = {
                "visitor_id": f"v{key}-{n}",
                "dealer": dealer,
                "status": "junk" if rng.random() < fate.get("junk", 0) else "new",
            }
            told["leads"].append({"id": f"l{key}-{n}", "created_at": _at(day, 30 + n), "kind": "form"} | visitor)
        cost = 1000.0 * (1 + 0.1 * rng.standard_normal()) * fate.get("cost", {}).get(campaign, 1)
        spend = {"id": f"s{key}", "date": str(_day(day)), "cost": f"{cost:.2f}", "dealer": dealer}
        if not fate.get("no_spend"):
            told["spend"].append(spend | {"source": "yandex", "medium": "cpc", "campaign": campaign})

    def check(self, day: int) -> Outcome:
        """On the morning of this day."""
        self.world.attribute()
        services = self.world.services
        return check_anomalies(services.warehouse, services.notices, services.settings, _day(day))

    @property
    def notices(self) -> list[Notice]:
        return list(self.world.services.notices.all())


def _day(number: int) -> date:
    return FIRST + timedelta(days=number)


def _at(day: int, minute: int) -> str:
    return (datetime.combine(_day(day), datetime.min.time()) + timedelta(hours=9, minutes=minute)).isoformat() + "Z"


@pytest.fixture
def holding(services: Services) -> Holding:
    world = World(services)
    clear_noise(world)
    with services.database.begin() as connection:
        connection.execute(delete(notices))
    return Holding(world)


def test_calm_days_raise_nothing_and_nothing_attributed_is_not_ready(holding: Holding) -> None:
    with pytest.raises(NotReady):
        check_anomalies(
            holding.world.services.warehouse, holding.world.services.notices, holding.world.services.settings, FIRST
        )
    holding.live(range(HISTORY))
    assert holding.check(HISTORY).raised == 0
    assert holding.notices == []


def test_a_dealer_whose_calls_end_is_told_once_with_the_line_as_cause_and_ends(holding: Holding) -> None:
    holding.live(range(HISTORY - 5))
    holding.live(range(HISTORY - 5, HISTORY), silent="d2")
    told = holding.check(HISTORY)
    assert told.raised == 1
    (notice,) = holding.notices
    assert (notice.kind, notice.subject_kind, notice.subject) == ("calls_low", "dealer", "d2")
    assert (notice.since, notice.observed, notice.severity) == (_day(HISTORY - 5), 0, "critical")
    assert notice.money is not None
    assert 5_000 < notice.money < 50_000  # some 18 calls, each worth what a call costs
    assert notice.cause.startswith(f"All campaigns of d2 fell at once since {notice.since}: look at the telephone line")
    assert holding.check(HISTORY) == Outcome(told.judged, 0, 1, 0)
    holding.live(range(HISTORY, HISTORY + 6))
    assert holding.check(HISTORY + 6).ended == 1
    assert holding.notices == []


def test_a_campaign_that_loses_its_marks_is_named_while_its_money_goes_on(holding: Holding) -> None:
    holding.live(range(HISTORY - 6))
    holding.live(range(HISTORY - 6, HISTORY), lost_marks="y1")
    holding.check(HISTORY)
    told = {(each.kind, each.subject): each.cause for each in holding.notices}
    assert "touches of “y1” ended: their links may have lost their UTM marks" in told["sessions_low", "paid_search"]
    assert holding.check(HISTORY).raised == 0


def test_spend_and_cpl_that_rise_are_told_by_their_parts(holding: Holding) -> None:
    holding.live(range(HISTORY - 5))
    holding.live(range(HISTORY - 5, HISTORY), cost={"y2": 9})
    holding.check(HISTORY)
    notice = next(each for each in holding.notices if each.kind == "spend_high")
    assert notice.subject_kind == "all"
    assert [each.kind for each in holding.notices if each.subject_kind == "channel"] in ([], ["cpl_high"])
    assert notice.observed > 3 * notice.expected


def test_more_junk_is_told(holding: Holding) -> None:
    holding.live(range(HISTORY - 4))
    holding.live(range(HISTORY - 4, HISTORY), junk=0.5)
    holding.check(HISTORY)
    assert ("junk_share_high", "all") in {(each.kind, each.subject) for each in holding.notices}


def test_clicks_that_nobody_pays_for_any_more_are_told(holding: Holding) -> None:
    holding.live(range(HISTORY - 8))
    holding.live(range(HISTORY - 8, HISTORY), no_spend=True)
    holding.check(HISTORY)
    told = {(each.kind, each.subject) for each in holding.notices}
    assert ("touches_without_spend", "paid_search") in told


def test_pages_without_tracker_are_told_while_their_source_goes_on(holding: Holding) -> None:
    holding.live(range(HISTORY - 6))
    holding.live(range(HISTORY - 6, HISTORY), untracked="d3")
    holding.check(HISTORY)
    told = {(each.kind, each.subject): each.since for each in holding.notices}
    assert told["tracker_missing", "site.example/d3"] == _day(HISTORY - 6)
    assert ("source_silent", "site") not in told


def test_a_source_that_falls_silent_is_told_though_another_goes_on(holding: Holding) -> None:
    holding.live(range(HISTORY - 6))
    holding.live(range(HISTORY - 6, HISTORY), source="crm")
    holding.check(HISTORY)
    told = {each.subject: each for each in holding.notices if each.kind == "source_silent"}
    assert told["site"].observed == 0
    assert "closedloop sources list" in told["site"].cause
