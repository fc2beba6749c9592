"""The feed before anything has happened."""

import pytest

from attribution.feed.entities import ENTITY_SETS
from attribution.feed.pages import PageQuestion
from attribution.feed.reading import read_page
from infra.errors import NotReady
from tests.attribution.world import World


def test_nothing_attributed_is_said(world: World) -> None:
    with pytest.raises(NotReady):
        read_page(world.services.warehouse, world.services.database, PageQuestion(ENTITY_SETS["Facts"]))


def test_a_run_without_events_has_no_facts_and_no_days(world: World) -> None:
    world.attribute()
    found = {
        name: [
            tuple(row.values())
            for row in read_page(world.services.warehouse, world.services.database, PageQuestion(each)).rows
        ]
        for name, each in ENTITY_SETS.items()
    }
    assert (found["Facts"], found["Days"]) == ([], [])
    assert found["Channels"] == [("(no touch)",), ("(none)",)]
    assert found["Dealers"] == [("(none)", "(none)", "", "")]
