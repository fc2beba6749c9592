"""Codes of visitors: short, one each, found however they are written, and never somebody else's by a slip."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from collectors.tracker.codes import VisitorCodes, number_of, with_visitors


@pytest.fixture
def codes(database: Engine) -> VisitorCodes:
    return VisitorCodes(database)


def test_a_visitor_keeps_one_code_and_others_have_others(codes: VisitorCodes) -> None:
    found = [codes.code_of(f"v{number}") for number in range(50)]
    assert len(set(found)) == 50
    assert {len(code) for code in found} == {5}
    assert codes.code_of("v7") == found[7]
    assert codes.visitors([found[7], "10000", "no code", ""]) == {found[7]: "v7"}


def test_who_asks_at_once_gets_one_code(codes: VisitorCodes) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: codes.code_of("v"), range(16)))
    assert len(found) == 1


def code(number: int) -> str:
    """That of a number: only one last digit makes it a code."""
    (found,) = [f"{number + 1000}{digit}" for digit in range(10) if number_of(f"{number + 1000}{digit}") is not None]
    return found


@given(st.integers(1, 10**7), st.integers(0, 11), st.integers(1, 9))
def test_a_slip_of_one_digit_makes_no_code(number: int, place: int, step: int) -> None:
    right = code(number)
    at = place % len(right)
    wrong = right[:at] + str((int(right[at]) + step) % 10) + right[at + 1 :]
    assert number_of(wrong) is None


@pytest.mark.parametrize("between", [" ", "-", " – ", "."])
def test_a_code_is_found_however_it_is_written(between: str) -> None:
    right = code(4711)
    assert number_of(f" {right[:3]}{between}{right[3:]} ") == 4711


@pytest.mark.parametrize("text", ["", "0", "1234", "٣٤٥٦٧٨", "9" * 40, "code", "v10014", "10014x"])
def test_what_is_no_code(text: str) -> None:
    assert number_of(text) is None


def stored(lines: Mapping[str, bytes]) -> dict[str, Any]:
    return {key: orjson.loads(line) for key, line in lines.items()}


def test_events_that_name_a_code_get_its_visitor_unless_they_name_one(codes: VisitorCodes) -> None:
    right = codes.code_of("v1")
    events: dict[str, dict[str, Any]] = {
        "named": {"id": "named", "properties": {"visit_code": f"{right[:2]} {right[2:]}"}},
        "number": {"id": "number", "properties": {"visit_code": int(right)}},
        "own": {"id": "own", "visitor_id": "v2", "properties": {"visit_code": right}},
        "wrong": {"id": "wrong", "properties": {"visit_code": "10001"}},
        "odd": {"id": "odd", "properties": {"visit_code": {"a": 1}}},
        "none": {"id": "none"},
    }
    found = stored(with_visitors({key: orjson.dumps(event) for key, event in events.items()}, codes))
    assert {key: event.get("visitor_id") for key, event in found.items()} == {
        "named": "v1", "number": "v1", "own": "v2", "wrong": None, "odd": None, "none": None,
    }  # fmt: skip
    assert found["named"] == events["named"] | {"visitor_id": "v1"}
