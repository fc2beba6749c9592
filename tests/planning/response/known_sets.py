"""Panels with published returns of channels, where they have been put beside the project."""

from pathlib import Path

import numpy as np
import pandas as pd

from planning.response.totals import Returns, returns_of

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "mmm"
"""Beside the project."""

MERIDIAN = ((2.24, 3.15), (1.23, 2.04), (2.74, 4.87), (1.48, 2.61))
"""Meridian 2.1.0's own 90% intervals of its simulated regions."""
ROAS = (93.39, 171.41)


def known_sets() -> Path | None:
    return FOLDER if FOLDER.is_dir() else None


def regions(folder: Path) -> Returns:
    """20 regions × 156 weeks × 4 channels."""
    rows = pd.read_csv(folder / "geo_media.csv").sort_values(["geo", "time"])
    places = rows["geo"].nunique()

    def table(*names: str) -> np.ndarray:
        return np.stack([rows[name].to_numpy(float).reshape(places, -1) for name in names])

    revenue = table("conversions")[0] * table("revenue_per_conversion")[0]
    return returns_of(
        revenue,
        table(*(f"Channel{place}_impression" for place in range(4))),
        table(*(f"Channel{place}_spend" for place in range(4))),
        table("competitor_activity_score_control", "sentiment_score_control"),
        table("population")[0][:, 0],
    )


def one_series(folder: Path) -> Returns:
    """131 weeks of two channels; `z` moves both the first and the outcome, and is known."""
    rows = pd.read_csv(folder / "mmm_roas_data.csv")
    spend = np.stack([rows[name].to_numpy(float)[None] for name in ("x1", "x2")])
    known = rows["z"].to_numpy(float)[None, None]
    return returns_of(rows["y"].to_numpy(float)[None], spend, spend, known, np.ones(1), expected=None)
