"""People against need: one operator, nobody, nights, and more calls than anybody can take."""

import numpy as np
import pandas as pd
import pytest

from infra.errors import InvalidInput
from planning.call_load.centres import Shift, read_centre
from planning.call_load.expected import Expected, Totals
from planning.call_load.load import TOLD, UNKNOWN, Load, aims_of, load_of
from planning.call_load.study import advice_for
from planning.call_load.worth import Handled, worth_of
from planning.media.months import Month

DAYS = np.array([4.0, 4, 4, 4, 4, 5, 5])


def load_with(calls: np.ndarray, staff: int | np.ndarray, worth: float = 100.0, **told: object) -> Load:
    centre = read_centre({"handling_s": 180, **told})
    expected = Expected(
        ("north",), tuple(Month(2026, 6).days), DAYS, calls[None], np.full((1, 7, 24), 0.1), np.zeros((1, 30)),
        Totals(np.array([1.0]), np.array([0.1]), ("forecast",)),
    )  # fmt: skip
    people = np.broadcast_to(np.asarray(staff, np.int64), (1, 7, 24)).copy()
    return load_of(
        expected, aims_of([centre], np.array([np.nan])), people, TOLD, np.full((1, 1, 1), worth), np.array([0.2])
    )


def test_hours_in_which_nobody_works_miss_all_calls() -> None:
    load = load_with(np.full((7, 24), 2.0), 0)
    assert load.missed == pytest.approx(np.full((1, 7, 24), 2.0))
    assert load.in_time.max() == 0
    assert load.of_month(load.missed)[0] == pytest.approx(2 * 24 * 30)
    assert (load.margin_low < load.margin).all()
    assert (load.margin < load.margin_high).all()


def test_nights_with_hardly_a_call_need_nobody() -> None:
    calls = np.full((7, 24), 12.0)
    calls[:, :6] = 0.05
    load = load_with(calls, 1)
    assert not load.needed[0, :, :6].any()
    assert load.needed[0, :, 6:].min() >= 2
    assert (load.needed_low <= load.needed).all()
    assert (load.needed <= load.needed_high).all()


def test_where_erlang_c_has_no_answer_erlang_a_has() -> None:
    load = load_with(np.full((7, 24), 100.0), 1)
    assert 75 < load.missed[0, 0, 0] < 85
    assert load.needed_patient[0, 0, 0] >= load.needed[0, 0, 0] > 4


def test_nothing_is_said_of_people_whom_nobody_knows() -> None:
    load = load_with(np.full((7, 24), 3.0), UNKNOWN)
    assert not load.is_staffed
    assert np.isnan(load.missed).all()
    assert load.needed.min() > 0


def test_people_are_moved_to_where_calls_are() -> None:
    calls = np.zeros((7, 24))
    calls[:, 9:12], calls[:, 12:18] = 25.0, 1.0
    staff = np.zeros((7, 24), int)
    staff[:, 9:12], staff[:, 12:18] = 1, 3
    load = load_with(calls, staff)
    free = advice_for(load, load_shifts(), free=True)
    shifts = advice_for(load, load_shifts(), free=False)
    assert free.is_worth_it
    assert free.rota.staff[:, 9:12].min() >= 3
    assert free.rota.staff.sum() <= staff.sum()
    assert 0 < free.kept_low < free.kept < free.kept_high
    assert free.kept >= shifts.kept
    assert free.change.sum() == pytest.approx(free.kept)
    assert free.missed[1] < free.missed[0]


def load_shifts() -> tuple[Shift, ...]:
    return (Shift(name="Day", start=9, hours=9),)


def test_no_confident_change_is_an_answer() -> None:
    calls = np.zeros((7, 24))
    calls[:, 9:18] = 10.0
    staff = np.zeros((7, 24), int)
    staff[:, 9:18] = 2
    assert not advice_for(load_with(calls, staff), load_shifts(), free=True).is_worth_it


def test_without_a_sale_calls_are_counted_and_not_money() -> None:
    calls = np.zeros((7, 24))
    calls[:, 9:12] = 20.0
    staff = np.zeros((7, 24), int)
    staff[:, 15:18] = 1
    advice = advice_for(load_with(calls, staff, worth=float("nan")), load_shifts(), free=True)
    assert not advice.in_money
    assert advice.kept == pytest.approx(advice.missed[0] - advice.missed[1])


def test_too_few_hours_for_any_shift_are_said() -> None:
    staff = np.zeros((7, 24), int)
    staff[0, 9] = 1
    with pytest.raises(InvalidInput, match="shortest shift"):
        advice_for(load_with(np.ones((7, 24)), staff), load_shifts(), free=False)


def test_a_call_is_worth_what_its_sales_bring() -> None:
    """Of 1000 calls 500 were leads; of 100 missed ones 50 were never reached; 10 % of leads buy, with 1000 each."""
    handled = Handled(*(np.array([each, 0.0]) for each in (1000.0, 500.0, 100.0, 50.0)))
    past = pd.DataFrame({
        "dealer": ["north"] * 12, "leads": [100.0] * 12, "sales": [10.0] * 12,
        "margin": [10_000.0 + month for month in range(12)],
    })  # fmt: skip
    worth = worth_of(handled, past, ("north", ""))
    assert worth.of_call[0] == pytest.approx(0.5 * 0.5 * 0.1 * 1000, rel=0.05)
    assert 0 < worth.error[0] < 0.5
    assert np.isfinite(worth.of_call[1])
    nothing = worth_of(handled, past.assign(sales=0.0, margin=0.0), ("north", ""))
    assert np.isnan(nothing.of_call).all()
