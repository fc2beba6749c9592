"""PyMC-Marketing on the totals of a simulated holding: prints its seconds and its shares of the attainable gain.

Run by `python -m bench.planning` where `pymc-marketing` is installed (dependency group `mediamix`): leads of each
dealer in all, as it reads no credited ones, 60 dealers × 6 channels × 36 months, its own priors, one chain.
"""

import sys
from time import perf_counter

import numpy as np
import pandas as pd
from pymc_marketing.mmm import GeometricAdstock, MichaelisMentenSaturation
from pymc_marketing.mmm.multidimensional import MMM

from planning.response.curves import LEAST, MOST, Curves, Family
from tests.planning.response.earning import NARROW, WIDE, share_of_gain, split_by
from tests.planning.response.panels import Holding, simulate

_DRAWS, _TUNE = 200, 300


def main(seed: int, misattributed: float) -> None:
    holding = simulate(seed, misattributed=misattributed)
    began = perf_counter()
    curves = _fitted(holding)
    seconds = perf_counter() - began
    shares = (share_of_gain(holding, split_by(holding, curves, bounds), bounds) for bounds in (NARROW, WIDE))
    print(seconds, *shares)


def _fitted(holding: Holding) -> Curves:
    channels = int(holding.channel.max()) + 1
    dealers, months = len(holding.dealer) // channels, holding.spend.shape[1]
    spend = holding.spend.reshape(dealers, channels, months)
    names = [f"c{place}" for place in range(channels)]
    told = pd.DataFrame({
        "date": np.tile(pd.date_range("2023-01-01", periods=months, freq="MS"), dealers),
        "dealer": np.repeat([f"d{place:03}" for place in range(dealers)], months),
        **{name: spend[:, place].reshape(-1) for place, name in enumerate(names)},
    })  # fmt: skip
    leads = pd.Series(holding.leads.reshape(dealers, channels, months).sum(axis=1).reshape(-1), name="y")
    model = MMM(
        date_column="date",
        channel_columns=names,
        target_column="y",
        dims=("dealer",),
        adstock=GeometricAdstock(l_max=2),
        saturation=MichaelisMentenSaturation(),
        yearly_seasonality=2,
    )
    model.fit(told, leads, chains=1, draws=_DRAWS, tune=_TUNE, random_seed=1, progressbar=False)
    return _curves(model, holding, dealers, channels)


def _curves(model: MMM, holding: Holding, dealers: int, channels: int) -> Curves:
    """Its saturation is our Michaelis-Menten: at the means of what it drew."""
    means = model.idata.posterior.mean(("chain", "draw"))

    def by_cell(values: object) -> np.ndarray:
        return np.broadcast_to(np.asarray(values, float), (dealers, channels)).reshape(-1)

    most = by_cell(means["saturation_alpha"].values)
    half = by_cell(means["saturation_lam"].values) * by_cell(model.scalers["_channel"].values)
    target = np.asarray(model.scalers["_target"].values, float).reshape(-1, 1)
    present = holding.present
    brought = most * by_cell(target) * present / (present + half)
    return Curves(
        Family.MICHAELIS_MENTEN, present, np.maximum(brought, 1e-3), np.clip(half / (present + half), LEAST, MOST)
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
