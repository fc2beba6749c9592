"""ChannelAttribution on the same touches: paths by pandas, then its heuristics and Markov chains of order 1 and 2."""

import sys

import ChannelAttribution
import pandas as pd

from bench.timing import peak_memory, seconds


def main(file: str) -> None:
    print(seconds(lambda: _compute(file)), peak_memory())


def _compute(file: str) -> None:
    touches = pd.read_parquet(file).sort_values(["visitor_id", "ts"])
    of_visitor = touches.groupby("visitor_id", sort=False)
    journeys = pd.DataFrame(
        {
            "path": of_visitor["channel"].agg(" > ".join),
            "conversions": of_visitor["converted"].sum(),
            "value": of_visitor["value"].sum(),
        }
    )
    journeys["nulls"] = (journeys["conversions"] == 0).astype(int)
    patterns = journeys.groupby("path", as_index=False, sort=False).sum()
    ChannelAttribution.heuristic_models(patterns, "path", "conversions", var_value="value", flg_pro=False)
    for order in (1, 2):
        ChannelAttribution.markov_model(
            patterns,
            "path",
            "conversions",
            var_value="value",
            var_null="nulls",
            order=order,
            verbose=False,
            flg_pro=False,
        )


if __name__ == "__main__":
    main(sys.argv[1])
