"""Whatever goes wrong, in whatever order: no ad system counts a conversion twice, and nothing is forgotten."""

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.responses import Response

from api.bootstrap import Services
from tests.attribution.outbound.fakes import Fake, FakeGoogle, FakeMeta, FakeMetrica
from tests.attribution.outbound.handing import LATE, Handing
from tests.attribution.world import World, stage, visit

SALES = tuple(f"d{n}" for n in range(6))
ENDS = {"metrica": {"sent", "uncertain"}, "google": {"sent"}, "meta": {"accepted"}}


@pytest.fixture(scope="module")
def sold(embedded: Services) -> World:
    world = World(embedded)
    world.clear()
    world.tell({
        "touches": [
            visit(f"t-{n}", f"v-{n}", LATE, click_ids={"yclid": f"y-{n}", "gclid": f"g-{n}", "fbclid": "f"})
            for n in SALES
        ],
        "deals": [stage(n, "sale", LATE + 1, visitor_id=f"v-{n}", amount=100) for n in SALES],
    })  # fmt: skip
    world.attribute()
    return world


def counted(fake: Fake) -> list[str]:
    """The sales that the system counts, one entry for each time."""
    if isinstance(fake, FakeMetrica):
        return [row["Yclid"].removeprefix("y-") for row in fake.rows()]
    if isinstance(fake, FakeGoogle):
        return [transaction for _, transaction in fake.conversions]
    assert isinstance(fake, FakeMeta)
    return [event for _, event in fake.events]


@pytest.mark.parametrize("system", list(ENDS))
@settings(max_examples=5, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_each_conversion_counts_once(sold: World, monkeypatch: pytest.MonkeyPatch, system: str, seed: int) -> None:
    """Requests of two, of which some are throttled, fail before they are taken, or after."""
    chance = random.Random(seed)
    handing = Handing(sold)
    handing.clear()
    with handing.system(system) as fake, monkeypatch.context() as patch:
        patch.setattr(f"attribution.outbound.systems.{system}.SYSTEM.most", 2, raising=False)
        if isinstance(fake, FakeMetrica):
            fake.lists_comments = chance.random() < 0.5
        for _ in range(5):
            fake.before = [Response(status_code=s) for s in (429, 500, 503) if chance.random() < 0.3]
            fake.after = [Response(status_code=502)] if chance.random() < 0.5 else []
            handing.send(system)
            handing.clock.advance(timedelta(minutes=chance.randint(1, 20)))
        fake.before, fake.after = [], []
        for _ in range(4):
            handing.send(system)
        states = handing.states(system)
        assert set(states) == {f"sale:{name}" for name in SALES}
        assert set(states.values()) <= ENDS[system]
        found = counted(fake)
        assert len(found) == len(set(found))
        assert set(found) >= {name.removeprefix("sale:") for name, state in states.items() if state != "uncertain"}
