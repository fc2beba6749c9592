"""What is kept of a run: found once however many ask, forgotten with the run, and never an error."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.per_run import PerRun


def test_twenty_who_ask_at_once_have_one_answer() -> None:
    kept, found = PerRun(), []
    all_there = threading.Barrier(20)

    def find() -> int:
        found.append(1)
        return len(found)

    def ask(_: int) -> int:
        all_there.wait()
        return kept.answer(1, "overview", find)

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(ask, range(20))) == [1] * 20
    assert len(found) == 1


def test_another_key_and_another_run_are_other_questions() -> None:
    kept = PerRun()
    assert kept.answer(1, "a", lambda: "first") == "first"
    assert kept.answer(1, "b", lambda: "second") == "second"
    assert kept.answer(1, "a", lambda: "third") == "first"
    assert kept.answer(2, "a", lambda: "third") == "third"


def test_what_went_wrong_is_asked_again() -> None:
    kept = PerRun()
    with pytest.raises(ZeroDivisionError):
        kept.answer(1, "a", lambda: 1 / 0)
    assert kept.answer(1, "a", lambda: 2.0) == 2.0


def test_what_was_asked_longest_ago_makes_room() -> None:
    kept = PerRun(most=2)
    for key in ("a", "b", "a", "c"):
        kept.answer(1, key, lambda key=key: f"first {key}")  # type: ignore[misc]
    assert [kept.answer(1, key, lambda: "again") for key in ("a", "c")] == ["first a", "first c"]
    assert kept.answer(1, "b", lambda: "again") == "again"
