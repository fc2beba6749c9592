"""What is known of response, made up: cells of dealers and channels, with draws around their curves."""

import numpy as np

from planning.media.months import Month
from planning.recommend.asked import Goal, Question
from planning.recommend.measured import Measured
from planning.response.curves import Curves, Family
from planning.response.model import Cell, Ground, Response

JANUARY = Month(2027, 1)
MEASURED = Measured({"": (0.1, 0.08, 0.12), "north": (0.12, 0.1, 0.14)}, {"north": 5.0}, {"north": 1.0})


def response(
    dealers: tuple[str, ...] = ("north", "south"),
    channels: tuple[str, ...] = ("vk", "yandex", "radio"),
    *,
    doubt: float = 0.05,
    draws: int = 200,
    seed: int = 0,
    ground: Ground = Ground.OWN,
) -> Response:
    """Spend of tens of thousands of roubles a month; a lead costs about 300, and is worth about 900."""
    rng = np.random.default_rng(seed)
    cells = tuple(Cell(dealer, channel, "agency") for dealer in dealers for channel in channels)
    count = len(cells)
    usual = rng.lognormal(10, 0.5, count).round(2)
    brought, elasticity = usual / 300 * rng.lognormal(0, 0.5, count), rng.uniform(0.2, 0.8, count)
    margin = np.full(count, 900.0)
    drawn = Curves(
        Family.POWER,
        usual,
        brought * rng.lognormal(0, doubt, (draws, count)),
        np.clip(elasticity + rng.normal(0, doubt, (draws, count)), 0.02, 0.95),
    )
    return Response(
        cells, Curves(Family.POWER, usual, brought, elasticity), drawn, margin,
        margin * rng.lognormal(0, doubt, (draws, count)), usual * 0.5, usual * 1.5, (ground,) * count,
    )  # fmt: skip


def of_usual(known: Response, **more: object) -> Question:
    """The best split of the usual spend of January."""
    told = {"goal": Goal.BUDGET, "amount": float(round(known.curves.usual.sum() * 100)), "first": JANUARY, **more}
    return Question(**told)  # type: ignore[arg-type]
