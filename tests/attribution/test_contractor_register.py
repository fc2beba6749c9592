"""The register of contractors, as it is told."""

from typing import Any

import pytest

from attribution.contractor_register import contractor_register, fee_in_words
from attribution.reference_document import Fee
from attribution.visibility import Visibility
from tests.attribution.world import World

AGENCIES = [
    {
        "id": "search-co", "name": "Поиск", "campaigns": [{"source": "yandex", "medium": "cpc"}, {"campaign": "b; c"}],
        "fees": [{"percent": 10, "from": "2026-01-01", "to": "2026-03-31"}, {"fixed_month": "50000"}],
        "claimed_budget": "400.00", "claimed_romi": 9.5, "claimed_from": "2026-01-01", "claimed_to": "2026-01-31",
    },
    {"id": "social-co"},
]  # fmt: skip


def test_a_row_a_contractor(world: World) -> None:
    world.refer(contractors=AGENCIES)
    search, social = contractor_register(world.services.database, "RUB").items()
    assert search == {
        "contractor": "search-co", "name": "Поиск", "campaigns": "yandex / cpc / any; any / any / b; c",
        "fees": "10 % of spend, from 2026-01-01, to 2026-03-31; 50 000 RUB a month",
        "claimed_from": "2026-01-01", "claimed_to": "2026-01-31", "claimed_budget": 400, "claimed_romi": 9.5,
    }  # fmt: skip
    assert (social["fees"], social["claimed_romi"]) == ("", None)
    own = Visibility(contractors=frozenset({"social-co"}))
    assert [row["contractor"] for row in contractor_register(world.services.database, "RUB", seen=own).items()] == [
        "social-co"
    ]


def test_whoever_sees_some_dealers_is_told_names_alone(world: World) -> None:
    world.refer(contractors=AGENCIES)
    seen = Visibility(dealers=frozenset({"north"}))
    search = contractor_register(world.services.database, "RUB", seen=seen).items()[0]
    assert (search["name"], search["fees"], search["claimed_romi"]) == ("Поиск", "", None)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "nothing"),
        ({"percent": 12.5, "per_lead": "300.50"}, "12.5 % of spend + 300.50 RUB a lead"),
        (
            {"steps": [{"percent": 12}, {"above": "100000", "percent": 8}], "steps_of": "part", "currency": "EUR"},
            "12 %, 8 % above 100 000 EUR of the part within",
        ),
        (
            {"percent": 5, "minimum": "10", "maximum": "20"},
            "5 % of spend, at least 10 RUB a month, at most 20 RUB a month",
        ),
    ],
)
def test_fees_are_said_in_words(told: dict[str, Any], words: str) -> None:
    assert fee_in_words(Fee.model_validate(told), "RUB") == words
