"""Contractors: credit shared in a journey, cost in its parts, pooled figures beside raw ones, claims and measures."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from attribution.answer import Answer, Period
from attribution.contractors import ContractorQuestion, contractor_report
from attribution.models import Model
from attribution.reference import reference_document
from infra.errors import InvalidInput
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, lead, spend, stage, visit

PERIOD = Period(FIRST_DAY, LAST_DAY)
AGENCIES = [
    {
        "id": "search-co", "name": "Поиск", "campaigns": [{"source": "yandex"}], "fees": [{"percent": 10}],
        "claimed_budget": "400.00", "claimed_romi": 9.5, "claimed_from": "2026-01-01", "claimed_to": "2026-01-31",
    },
    {"id": "social-co", "name": "Соцсети", "campaigns": [{"source": "vk"}], "fees": [{"per_lead": 7}]},
]  # fmt: skip


def report(world: World, *by: str, model: Model = Model.LAST_NON_DIRECT, period: Period = PERIOD) -> Answer:
    question = ContractorQuestion(period, by or ("contractor",), model)
    return contractor_report(world.services.warehouse, world.services.database, question, "UTC")


def by_contractor(answer: Answer) -> dict[str, dict[str, Any]]:
    return {row["contractor"]: row for row in answer.items()}


def journeys(world: World) -> None:
    """One sale came by both contractors, one by neither, and leads by each."""
    world.refer(contractors=AGENCIES)
    world.tell({
        "touches": [
            visit("t1", "v1", 5, "yandex"), visit("t2", "v1", 10, "vk"), visit("t3", "v2", 11, "yandex"),
            *(visit(f"k{n}", f"w{n}", 40, "vk") for n in range(6)),
        ],
        "leads": [
            lead("l1", 12, visitor_id="v1"), lead("l2", 12, visitor_id="v2"),
            *(lead(f"m{n}", 41, visitor_id=f"w{n}") for n in range(6)),
        ],
        "deals": [
            stage("d1", "sale", 20, visitor_id="v1", amount=1000, margin="333.33"),
            stage("d2", "sale", 20, amount=100, margin=50),
        ],
        "spend": [
            spend("2026-01-01", "2026-01-31", 310, "yandex"), spend("2026-02-01", "2026-02-10", 90, "vk"),
            spend("2026-02-01", "2026-02-01", 5, "radio"),
        ],
    })  # fmt: skip
    world.attribute()


def test_contractors(world: World) -> None:
    journeys(world)

    rows = by_contractor(report(world, model=Model.LINEAR))
    assert (rows["search-co"]["sales"], rows["social-co"]["sales"]) == (0.5, 0.5)
    assert rows["search-co"]["margin"] + rows["social-co"]["margin"] == pytest.approx(333.33, abs=1e-9)
    assert (rows["search-co"]["leads"], rows["social-co"]["leads"]) == (1.5, 6.5)
    assert (rows["(no touch)"]["sales"], rows["(no touch)"]["margin"]) == (1, 50)
    assert (rows["search-co"]["cohort_leads"], rows["search-co"]["cohort_sales"]) == (1.5, 0.5)

    for model in (Model.FIRST, Model.LAST, Model.LINEAR, Model.POSITION, Model.TIME_DECAY):
        answer = report(world, model=model)
        for slug, whole in (("leads", 8), ("sales", 2), ("revenue", 1100), ("margin", 383.33), ("cohort_leads", 8)):
            assert answer.rows[slug].sum() == pytest.approx(whole, abs=1e-8), (model, slug)
            assert answer.totals[slug] == pytest.approx(whole, abs=1e-8)
        parts = answer.rows["media"] + answer.rows["fees"]
        assert parts.to_numpy() == pytest.approx(answer.rows["cost"].to_numpy(), abs=1e-9)
        assert answer.rows["cost"].sum() == pytest.approx(answer.totals["cost"])

    rows = by_contractor(report(world))
    search, social = rows["search-co"], rows["social-co"]
    assert (search["name"], search["media"], search["fees"], search["cost"]) == ("Поиск", 310, 31, 341)
    assert (social["media"], social["fees"]) == (90, 49)
    assert (search["cpl"], social["cpl"]) == (341, pytest.approx(139 / 7))
    assert social["cpl"] < social["cpl_pooled"] < search["cpl_pooled"] < search["cpl"]
    for row in (search, social):
        for slug in ("cpl", "cps", "romi", "cr_lead_sale"):
            if row[slug] is not None:
                assert row[f"{slug}_low"] <= row[slug] <= row[f"{slug}_high"]
            assert row[f"{slug}_pooled_low"] < row[f"{slug}_pooled"] < row[f"{slug}_pooled_high"]
    assert rows["(none)"]["cpl_pooled"] is None

    assert (search["claimed_budget"], search["measured_budget"]) == (400, 341)
    assert (search["claimed_romi"], search["measured_romi"]) == (9.5, pytest.approx(0 / 341 - 1))
    assert social["claimed_budget"] is None

    together = report(world).about["contractors"]
    assert together["cpl"] == pytest.approx((341 + 139) / 8), "without what is nobody's"
    assert together["cr_lead_sale"] == pytest.approx(1 / 8)
    assert together["cps"] == 480

    months = report(world, "contractor", "month")
    history = {(row["contractor"], row["month"]): row for row in months.items()}
    assert history["search-co", "2026-01-01"]["cost"] == 341
    assert history["social-co", "2026-02-01"]["leads"] == 6
    assert history["social-co", "2026-02-01"]["fees"] == 42
    assert months.rows["margin"].sum() == pytest.approx(383.33)
    assert list(months.rows["contractor"]) == sorted(months.rows["contractor"])

    nothing = report(world, period=Period(date(2025, 1, 1), date(2025, 1, 2)))
    assert nothing.items() == []


def test_another_grouping_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not grouped by 'channel'"):
        ContractorQuestion(PERIOD, ("channel",))


def test_claims_come_back_as_they_were_told(world: World) -> None:
    world.refer(contractors=AGENCIES)
    told = {owner.id: owner for owner in reference_document(world.services.database).contractors}
    assert (told["search-co"].claimed_budget, told["search-co"].claimed_to) == (Decimal(400), date(2026, 1, 31))
    assert told["social-co"].claimed_romi is None


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"claimed_romi": 1.0}, "but not for which days"),
        ({"claimed_budget": 5, "claimed_from": "2026-01-01"}, "but not for which days"),
        ({"claimed_romi": 1.0, "claimed_from": "2026-02-01", "claimed_to": "2026-01-01"}, "before they begin"),
    ],
)
def test_claims_that_cannot_be_checked_are_refused(world: World, claims: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        world.refer(contractors=[{"id": "c", **claims}])
