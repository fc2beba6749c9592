"""Raw touches of many journeys in a Parquet file, in the order in which they happened, as a log has them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CHANNELS = 15
_TOUCHES_A_JOURNEY, _CONVERT, _DAY_MS = 3.2, 0.2, 86_400_000
_SCATTER = np.uint64(0x9E3779B97F4A7C15)


def write_touches(file: Path, journeys: int, seed: int = 1) -> int:
    """How many touches there are. A fifth of the journeys convert; some channels are a lot commoner than others."""
    random = np.random.default_rng(seed)
    length = random.geometric(1 / _TOUCHES_A_JOURNEY, journeys)
    last = np.cumsum(length) - 1
    visitor = np.repeat(np.arange(journeys, dtype=np.uint64) * _SCATTER, length)
    weights = 1 / np.arange(1, CHANNELS + 1)
    channel = random.choice(CHANNELS, len(visitor), p=weights / weights.sum()).astype(np.int8)
    waited = np.cumsum(random.exponential(2 * _DAY_MS, len(visitor)).astype(np.int64))
    begun = 1_735_689_600_000 + random.integers(0, 60 * _DAY_MS, journeys)
    at = waited + np.repeat(begun - waited[last - length + 1], length)
    converted = np.zeros(len(visitor), np.uint8)
    converted[last] = random.random(journeys) < _CONVERT
    value = np.where(converted == 1, random.lognormal(3, 1, len(visitor)).round(2), 0.0)
    happened = np.argsort(at, kind="stable")
    names = pa.array([f"channel-{number:02}" for number in range(CHANNELS)])
    table = pa.table(
        {
            "visitor_id": visitor[happened],
            "ts": pa.array(at[happened]).cast(pa.timestamp("ms")),
            "channel": pa.DictionaryArray.from_arrays(pa.array(channel[happened]), names).cast(pa.string()),
            "converted": converted[happened],
            "value": value[happened],
        }
    )
    pq.write_table(table, file, compression="zstd", row_group_size=1_000_000)
    return len(visitor)
