"""Raw touches become the journeys that a plain reading of them finds."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.journeys.comparing import compare
from attribution.journeys.filling import journeys_of as journeys_from
from attribution.journeys.models import models_for
from attribution.journeys.reading import Reading, read_source
from attribution.journeys.table import Journeys, Span
from infra.errors import InvalidInput
from infra.warehouse import Warehouse
from tests.attribution.journeys import reference_models as plain
from tests.attribution.journeys.told import told_file

START = datetime(2026, 1, 1, tzinfo=UTC)
LOOKBACK = 10
Touch = tuple[str, int, str, bool, float]
TOUCHES = st.lists(
    st.tuples(
        st.sampled_from("uvw"), st.integers(0, 40), st.sampled_from(["a", "b", "direct", ""]), st.booleans(),
        st.integers(0, 100).map(float),
    ).filter(lambda touch: touch[2] or touch[3]),
    min_size=1,
    max_size=14,
).filter(lambda touches: any(touch[2] for touch in touches))  # fmt: skip


def write(file: Path, touches: list[Touch], *, plainly: bool) -> None:
    """As a Parquet file that the engine reads as it is, or as CSV that is read and rewritten."""
    visitor, day, channel, converted, value = zip(*touches, strict=True)
    table = pd.DataFrame(
        {
            "visitor_id": visitor, "ts": [START + timedelta(days=each) for each in day], "channel": channel,
            "converted": [int(each) for each in converted], "value": value,
        }
    )  # fmt: skip
    if plainly:
        table.to_parquet(file, index=False)
    else:
        table.to_csv(file, index=False)


def journeys_of(touches: list[Touch]) -> list[tuple[list[tuple[int, str]], bool, float]]:
    """Each journey: days and channels of its touches in order, whether it converted, and what it brought."""
    of_visitor: dict[str, list[Touch]] = defaultdict(list)
    for touch in touches:
        of_visitor[touch[0]].append(touch)
    found = []
    for mine in of_visitor.values():
        ends = [(day, True, value) for _, day, _, converted, value in mine if converted]
        for end, converted, value in ends or [(max(touch[1] for touch in mine), False, 0.0)]:
            steps = sorted((day, channel) for _, day, channel, *_ in mine if channel and end - LOOKBACK <= day <= end)
            if steps or converted:
                found.append((steps, converted, value))
    return found


def expected(rule: str, touches: list[Touch]) -> dict[str, tuple[float, float]]:
    """Conversions and value by channel."""
    found: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for steps, converted, value in journeys_of(touches):
        if converted and steps:
            ages = [steps[-1][0] - day for day, _ in steps]
            path = [channel for _, channel in steps]
            for channel, share in zip(path, plain.shares(rule, path, ages), strict=True):
                found[channel][0] += share
                found[channel][1] += share * value
    return {channel: (conversions, worth) for channel, (conversions, worth) in found.items()}


def fitted(journeys: Journeys) -> dict[str, dict[str, tuple[float, float]]]:
    found = {}
    for model in models_for(journeys, 1):
        model.fit(journeys, Span())
        pairs = zip(journeys.channels, model.conversions_, model.value_, strict=True)
        found[model.name] = {channel: (float(won), float(worth)) for channel, won, worth in pairs}
    return found


@settings(max_examples=8)
@given(TOUCHES, st.booleans())
def test_journeys_and_their_credit(
    scratch: Warehouse, tmp_path_factory: pytest.TempPathFactory, touches: list[Touch], plainly: bool
) -> None:
    file = tmp_path_factory.mktemp("touches") / "touches"
    write(file, touches, plainly=plainly)
    told = journeys_of(touches)
    with told_file(scratch, file, lookback_days=LOOKBACK) as journeys:
        counts, found = journeys.counts(Span()), fitted(journeys)
    assert counts.conversions == sum(converted for _, converted, _ in told)
    assert counts.nulls == sum(not converted for _, converted, _ in told)
    assert counts.of_no_touch == sum(converted and not steps for steps, converted, _ in told)
    assert counts.of_one_touch == sum(converted and len(steps) == 1 for steps, converted, _ in told)
    for rule in ("first", "last", "last_non_direct", "linear", "linear_unique", "position", "time_decay"):
        wanted = expected(rule, touches)
        for channel, pair in found[rule].items():
            assert pair == pytest.approx(wanted.get(channel, (0, 0)), abs=1e-9), rule


def test_a_file_that_the_engine_reads_is_not_rewritten(tmp_path: Path) -> None:
    write(tmp_path / "plain.parquet", [("v", 1, "a", True, 2.0)], plainly=True)
    assert read_source(tmp_path / "plain.parquet", tmp_path, Reading()).file == tmp_path / "plain.parquet"


@pytest.mark.parametrize(
    "change",
    [
        {"ts": pa.array(["2026-01-01", "2026-01-02T00:00:00+00:00"])},
        {"channel": pa.array(["a", "b"]).dictionary_encode()},
        {"converted": pa.array([None, True])},
        {"value": pa.array(["", "3"])},
        {"visitor_id": pa.array([7, 7])},
    ],
)
def test_other_types_are_read_too(scratch: Warehouse, tmp_path: Path, change: dict[str, Any]) -> None:
    moments = pa.array([START, START + timedelta(days=1)], pa.timestamp("us", "UTC"))
    columns = {"visitor_id": ["v", "v"], "ts": moments, "channel": ["a", "b"], "converted": [0, 1], "value": [0.0, 3.0]}
    pq.write_table(pa.table(columns | change), tmp_path / "touches.parquet")
    with told_file(scratch, tmp_path / "touches.parquet") as journeys:
        assert fitted(journeys)["linear"] == {"a": (0.5, 1.5), "b": (0.5, 1.5)}


@pytest.mark.parametrize(
    ("touch", "said"),
    [
        (("", 1, "a", True, 2.0), "row 1: there is no visitor."),
        (("v", 1, "", False, 2.0), "row 1: there is neither a channel nor a conversion."),
        (("v", -30_000, "a", True, 2.0), "row 1: time '1943-11-13T00:00:00+00:00' is before 1970."),
    ],
)
def test_what_the_engine_would_not_notice_is_refused(tmp_path: Path, touch: Touch, said: str) -> None:
    write(tmp_path / "touches.parquet", [touch, ("w", 1, "a", True, 2.0)], plainly=True)
    with pytest.raises(InvalidInput) as caught:
        read_source(tmp_path / "touches.parquet", tmp_path, Reading())
    assert caught.value.message == said


def test_a_value_that_is_no_number_is_refused(scratch: Warehouse, tmp_path: Path) -> None:
    write(tmp_path / "touches.parquet", [("v", 1, "a", True, float("inf"))], plainly=True)
    with told_file(scratch, tmp_path / "touches.parquet") as journeys, pytest.raises(InvalidInput, match="no number"):
        compare(journeys, 1)


def test_columns_of_any_name(scratch: Warehouse, tmp_path: Path) -> None:
    columns = {"visitor": "v`i'\\", "time": 'at; "', "channel": "канал", "converted": "1", "value": "{x:y}"}
    moments = pa.array([START, START + timedelta(days=1)], pa.timestamp("ms"))
    told = dict(zip(columns.values(), [["v", "v"], moments, ["a", "b"], [0, 1], [0.0, 3.0]], strict=True))
    pq.write_table(pa.table(told), tmp_path / "touches.parquet")
    source = read_source(tmp_path / "touches.parquet", tmp_path, Reading(columns=columns))
    with journeys_from(scratch, source, separator=">", lookback_days=9, half_life_days=7, direct="") as journeys:
        assert fitted(journeys)["linear"] == {"a": (0.5, 1.5), "b": (0.5, 1.5)}


def test_channels_can_be_told_apart_by_campaign(scratch: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "touches.csv").write_text(
        "visitor,time,channel,campaign,converted\nv,2026-01-01,a,spring,0\nv,2026-01-02,a,,0\nv,2026-01-03,b,x,1\n"
    )
    with told_file(scratch, tmp_path / "touches.csv", by_campaign=True) as journeys:
        assert list(journeys.channels) == ["a / (none)", "a / spring", "b / x"]


def test_the_later_part_is_later(scratch: Warehouse, tmp_path: Path) -> None:
    rows = [f"v{day},{START + timedelta(days=day):%Y-%m-%d},a,{day % 2}" for day in range(10)]
    (tmp_path / "touches.csv").write_text("\n".join(["visitor,time,channel,converted", *rows]))
    with told_file(scratch, tmp_path / "touches.csv") as journeys:
        first, later = journeys.parts()
        assert first.until == (START + timedelta(days=7)).timestamp() * 1000
        assert journeys.counts(later).conversions + journeys.counts(later).nulls == 2
