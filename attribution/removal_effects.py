"""Removal effects of a run's channels, by kind of conversion: found when Markov's credit is first asked for, then kept.

The chain is of order 1, over all journeys of the run and with those that do not convert; `attribution.journeys.markov`
solves it.
"""

import numpy as np

from attribution.journeys.markov import Transitions
from attribution.runs import KINDS
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "removal_effects")
_STEP = ("state", "following", "conversions", "nulls")
_COLUMNS = ("run", "kind", "channel", "effect")


def make_effects_known(warehouse: Warehouse, run: int) -> None:
    """Find the effects of a run, unless they are known. A kind without conversions has none but 0."""
    if warehouse.value(_SQL["are_known"], {"run": run}):
        return
    channels = [row["channel"] for row in warehouse.rows(_SQL["channels"], {"run": run})]
    found = warehouse.frame(_SQL["transitions"], {"run": run, "channels": channels})
    effects = dict.fromkeys(KINDS, np.zeros(len(channels)))
    for kind, steps in found.groupby("kind") if len(found) else ():
        state, following, conversions, nulls = (steps[name].to_numpy() for name in _STEP)
        counted = Transitions(state, following, conversions, nulls, np.zeros(len(steps)))
        effects[str(kind)] = counted.effects(len(channels))
    warehouse.insert_rows(
        "removal_effects",
        _COLUMNS,
        [(run, kind, *each) for kind in KINDS for each in zip(channels, effects[kind].tolist(), strict=True)],
    )
