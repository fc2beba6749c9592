"""What is kept of a run: found once however many ask, forgotten with the run, and never an error."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from api.per_run import PerRun, shows_older


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


def test_who_would_wait_long_has_the_answer_of_the_run_before_and_is_told() -> None:
    kept, go_on = PerRun(patience_s=0.01), threading.Event()

    def find_slowly() -> str:
        assert go_on.wait(60)
        return "second"

    def ask(run: int, find: Callable[[], str]) -> tuple[str, bool]:
        return copy_context().run(lambda: (kept.answer(run, "a", find), shows_older()))

    assert ask(1, lambda: "first") == ("first", False)
    assert ask(2, find_slowly) == ("first", True)
    assert ask(2, lambda: "nobody asks this") == ("first", True)
    go_on.set()
    kept.close()
    assert ask(2, lambda: "nobody asks this") == ("second", False)


def test_a_request_waits_once_for_all_that_it_asks() -> None:
    kept, go_on = PerRun(patience_s=1.0), threading.Event()

    def find_in_a_while() -> str:
        return "second" if not go_on.wait(0.7) else "third"

    def ask_both() -> tuple[str, str]:
        never = kept.answer(2, "a", lambda: str(go_on.wait(60)))
        return never, kept.answer(2, "b", find_in_a_while)

    for key in "ab":
        assert kept.answer(1, key, lambda: "first") == "first"
    assert copy_context().run(ask_both) == ("first", "first")
    go_on.set()
    kept.close()


def test_an_answer_of_long_ago_is_shown_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = PerRun(patience_s=0.0)
    assert kept.answer(1, "a", lambda: "first") == "first"
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 601)
    assert kept.answer(2, "a", lambda: "second") == "second"


def test_what_goes_wrong_behind_an_older_answer_is_asked_again() -> None:
    kept = PerRun(patience_s=60)
    assert kept.answer(1, "a", lambda: 1.0) == 1.0
    with pytest.raises(ZeroDivisionError):
        kept.answer(2, "a", lambda: 1 / 0)
    assert kept.answer(2, "a", lambda: 2.0) == 2.0


def test_an_answer_that_needs_another_waits_for_it() -> None:
    kept = PerRun(patience_s=60)
    for run in (1, 2):
        both = kept.answer(run, "both", lambda run=run: [kept.answer(run, "one", lambda: run), run])  # type: ignore[misc]
        assert both == [run, run]


def test_what_was_asked_longest_ago_makes_room() -> None:
    kept = PerRun(most=2)
    for key in ("a", "b", "a", "c"):
        kept.answer(1, key, lambda key=key: f"first {key}")  # type: ignore[misc]
    assert [kept.answer(1, key, lambda: "again") for key in ("a", "c")] == ["first a", "first c"]
    assert kept.answer(1, "b", lambda: "again") == "again"
