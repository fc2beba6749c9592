"""What is to be expected of a candidate who claims."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import Conflict, InvalidInput, NotFound
from planning.hiring.candidates import CandidateState, ToldCandidate, add_candidate, change_candidate, known_candidates
from planning.hiring.judging import judge
from planning.hiring.measured import Claims, claims_of, measured_of
from planning.hiring.sheet import hiring_sheet, incumbent_of, sheet_answer

CLOCK = FrozenClock(datetime(2026, 11, 2, tzinfo=UTC))
MONTHS = [f"2026-{month:02}" for month in range(1, 11)]


def history(true: dict[str, float], scatter: float, channel: str = "paid_search", seed: int = 5) -> pd.DataFrame:
    """Each contractor spends 100 a month, and brings what is true of it, and scatter."""
    rng = np.random.default_rng(seed)
    rows = [
        {"month": month, "contractor": name, "channel": channel, "cost": 100.0, "margin": 100 * value}
        for name, true_value in true.items()
        for month in MONTHS
        for value in [true_value + rng.normal(0, scatter)]
    ]
    return pd.DataFrame(rows, columns=["month", "contractor", "channel", "cost", "margin"])


def told(romi: float, **others: object) -> ToldCandidate:
    return ToldCandidate("New", "paid_search", 100_00, "RUB", romi, **others)  # type: ignore[arg-type]


TRUE = {"a": 1.6, "b": 2.0, "c": 2.4, "d": 2.0, "e": 1.8}


def test_a_claim_is_drawn_towards_what_was_measured() -> None:
    measured = measured_of(history(TRUE, 0.3), "paid_search")
    assert measured.centre == pytest.approx(1.96, abs=0.1)
    assert 0 < measured.between < 0.2
    found = judge(told(9.0), measured, Claims(), "b")
    assert found.percentile == 1
    assert found.expected is not None
    assert found.expected < 7
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.expected < found.high
    assert found.incumbent == "b"


def test_a_weight_that_was_said_holds() -> None:
    measured = measured_of(history(TRUE, 0.3), "paid_search")
    assert judge(told(3.0, weight=1.0), measured, Claims(), "").expected == pytest.approx(3.0)
    assert judge(told(3.0, weight=0.0), measured, Claims(), "").expected == pytest.approx(measured.centre - 1)


def test_claims_that_did_not_hold_make_new_ones_count_for_less() -> None:
    measured = measured_of(history(TRUE, 0.3), "paid_search")
    boasting = claims_of([3, 4, 2.5, 5], [1, 1.2, 1, 1.1])
    assert boasting.bias == pytest.approx(2.55)
    modest = claims_of([1.1, 1.0, 0.9], [1.0, 1.0, 1.0])
    far, near = (judge(told(3.0), measured, each, "a") for each in (boasting, modest))
    assert far.weight is not None
    assert near.weight is not None
    assert far.weight < near.weight
    assert claims_of([1.0], [1.0]).bias is None


def test_alike_contractors_leave_a_claim_nothing_to_say() -> None:
    """Where contractors do not differ beyond noise, a new one is expected to be as they are."""
    measured = measured_of(history(dict.fromkeys("abcde", 2.0), 1.0, seed=1), "paid_search")
    found = judge(told(5.0), measured, Claims(), "a")
    if measured.between == 0:
        assert found.weight == 0
    assert found.expected == pytest.approx(measured.centre - 1, abs=0.8)


def test_intervals_hold_for_four_fifths_of_new_contractors() -> None:
    """Simulated holdings: eleven contractors measured, and a twelfth whose claim says nothing."""
    rng, inside = np.random.default_rng(3), []
    for seed in range(200):
        true = {f"c{n}": value for n, value in enumerate(rng.normal(2.0, 0.4, 11))}
        found = judge(told(1.0, weight=0.0), measured_of(history(true, 0.5, seed=seed), "paid_search"), Claims(), "")
        new = rng.normal(2.0, 0.4) - 1
        assert found.low is not None
        assert found.high is not None
        inside.append(found.low <= new <= found.high)
    assert 0.7 < np.mean(inside) < 0.9


def test_a_trial_tells_what_it_is_to_tell() -> None:
    """With the budget that is asked for, a true claim is found four times of five."""
    measured = measured_of(history(TRUE, 0.5), "paid_search")
    claim = told(measured.centre - 1 + 0.5)
    found = judge(claim, measured, Claims(), "")
    assert found.trial_says in ("ask", "too_long")
    assert found.trial_budget is not None
    deviation = np.sqrt(measured.within / found.trial_budget)
    rng = np.random.default_rng(0)
    seen = rng.normal(0.5, deviation, 20_000) > 1.2816 * deviation
    assert seen.mean() == pytest.approx(0.8, abs=0.02)
    assert judge(told(-0.5), measured, Claims(), "a").trial_says == "claims_less"


def test_nothing_measured_is_said() -> None:
    nothing = history({}, 0)
    found = hiring_sheet([], nothing, Claims())
    assert sheet_answer(found, None, "RUB").items() == []
    assert judge(told(1.0), found.measured[""], Claims(), "").expected is None
    assert incumbent_of(nothing, "paid_search") == ""


def test_few_contractors_of_a_channel_stand_with_all_others() -> None:
    both = pd.concat([history(TRUE, 0.3), history({"f": 1.0}, 0.3, "email")])
    measured = measured_of(both, "email")
    assert (measured.channel, len(measured.contractors)) == ("", 6)
    assert incumbent_of(both, "email") == "f"


def test_candidates_are_kept_and_changes_noted(database: Engine) -> None:
    made = add_candidate(database, CLOCK, told(2.0, starts_on=date(2026, 12, 1)), currency="RUB", author="anna")
    later = told(1.5, state=CandidateState.ON_TRIAL)
    change_candidate(database, CLOCK, made.id, later, based_on=1, currency="RUB", author="oleg")
    (kept,) = known_candidates(database)
    assert (kept.told.claimed_romi, kept.told.state, kept.revision) == (1.5, CandidateState.ON_TRIAL, 2)
    with pytest.raises(Conflict, match="oleg has changed New"):
        change_candidate(database, CLOCK, made.id, later, based_on=1, currency="RUB", author="anna")
    with pytest.raises(NotFound):
        change_candidate(database, CLOCK, 99, later, based_on=1, currency="RUB", author="anna")
    assert find_changes(database, what="candidate")[1] == 2


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"claimed_romi": -2.0}, "claimed_romi"), ({"name": " "}, "name"), ({"currency": "USD"}, "currency"),
        ({"currency": "XXQ"}, "currency"), ({"weight": 1.5}, "weight"), ({"claimed_budget": 0}, "claimed_budget"),
        ({"claimed_romi": float("nan")}, "claimed_romi"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(database: Engine, wrong: dict[str, object], where: str) -> None:
    values = {name: getattr(told(1.0), name) for name in ToldCandidate.__slots__} | wrong
    with pytest.raises(InvalidInput) as error:
        add_candidate(database, CLOCK, ToldCandidate(**values), currency="RUB", author="anna")
    assert error.value.where == where
    assert known_candidates(database) == []
