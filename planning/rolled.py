"""Lines put together at any level of the tree: what a plan says of a holding, a brand, a dealer, a direction."""

from collections.abc import Sequence

import pandas as pd

from infra.errors import InvalidInput
from planning.dimensions import GROUPINGS, Network
from planning.grid import Grid
from planning.tables import KEY, MONTHS

LEVELS = (*GROUPINGS, "direction", "channel", "contractor")


def check_levels(by: Sequence[str]) -> None:
    """Raises `InvalidInput`."""
    for name in by:
        if name not in LEVELS:
            raise InvalidInput(
                f"Plans know no level {name!r}.", where="by", help=f"The levels are {', '.join(LEVELS)}."
            )
    if len(set(by)) != len(by):
        raise InvalidInput("A level is asked for twice.", where="by")


def frame_of(grid: Grid, network: Network) -> pd.DataFrame:
    """A row a line: what it is of, where its dealer stands, and `m1` to `m12` in smallest units.

    A dealer who is in the network no more stands under no holding and no brand.
    """
    keys = pd.DataFrame(list(grid.keys), columns=list(KEY), dtype=object)
    places = {
        name: keys["dealer"].map({each.id: getattr(each, name) for each in network.dealers}).fillna("")
        for name in GROUPINGS
        if name != "dealer"
    }
    months = pd.DataFrame(grid.values, columns=list(MONTHS))
    return pd.concat([keys.assign(**places), months], axis=1)


def rolled(grid: Grid, network: Network, by: Sequence[str]) -> pd.DataFrame:
    """A row for each measure and group, with the sums of its months, in smallest units. Raises `InvalidInput`."""
    check_levels(by)
    frame = frame_of(grid, network)
    return frame.groupby(["measure", *by], as_index=False, sort=False)[list(MONTHS)].sum()
