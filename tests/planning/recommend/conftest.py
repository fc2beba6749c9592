"""Recommendations for January 2027, kept in both databases."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from infra.clock import FrozenClock
from planning.recommend.advising import advise
from planning.recommend.applying import Applying
from planning.recommend.register import Recommendation, Recommendations
from tests.planning.recommend.responses import MEASURED, of_usual, response

Keep = Callable[..., Recommendation]


@pytest.fixture
def register(holding: Engine, clock: FrozenClock) -> Recommendations:
    return Recommendations(holding, clock)


@pytest.fixture
def keep(register: Recommendations) -> Keep:
    def kept(**more: object) -> Recommendation:
        known = response()
        advice = advise(known, MEASURED, of_usual(known, **more), {})
        return register.keep(advice, run=1, currency="RUB", author="anna")

    return kept


@pytest.fixture
def applying(holding: Engine, clock: FrozenClock) -> Applying:
    return Applying(holding, clock)
