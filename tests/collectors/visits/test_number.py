"""Numbers that people say: one wrong digit, or two that changed places, is noticed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.bootstrap import Services
from collectors.visits.issued import KEPT, VisitNumbers
from collectors.visits.number import read_number, with_check_digit, written
from infra.clock import FrozenClock
from infra.errors import InvalidInput
from infra.settings import read_settings

DIGITS = st.text("0123456789", min_size=5, max_size=11)


@given(DIGITS)
def test_what_is_written_is_read(digits: str) -> None:
    number = with_check_digit(digits)
    assert read_number(written(number)) == read_number(f" № {number} ".strip()) == number


@given(DIGITS, st.data())
def test_a_wrong_digit_and_two_that_changed_places_are_noticed(digits: str, data: st.DataObject) -> None:
    number = with_check_digit(digits)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    with pytest.raises(InvalidInput):
        read_number(number[:place] + other + number[place + 1 :])
    pair = data.draw(st.integers(0, len(number) - 2))
    swapped = number[:pair] + number[pair + 1] + number[pair] + number[pair + 2 :]
    if swapped != number:
        with pytest.raises(InvalidInput):
            read_number(swapped)


def test_the_published_example() -> None:
    """H. M. Damm's own: 572 has the check digit 4."""
    assert with_check_digit("572") == "5724"


@pytest.mark.parametrize("text", ["", "one", "12", "1" * 13, "v123-45-67", "123-45-6x", "١٢٣٤٥٦٧"])
def test_what_is_no_number_is_said(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_number(text)
    assert caught.value.where == "number"


def test_a_visit_keeps_its_number_until_it_is_long_ago(tmp_path: Path) -> None:
    clock = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))
    services = Services(read_settings(data=tmp_path, _env_file=None), clock)
    numbers = VisitNumbers(services.database, clock)
    drawn = {f"s{count}": numbers.number_of("v", f"s{count}") for count in range(200)}
    assert len(set(drawn.values())) == 200
    assert {len(number) for number in drawn.values()} == {7}
    assert numbers.number_of("v", "s7") == drawn["s7"]
    assert numbers.number_of("w", "s7") != drawn["s7"]
    known = numbers.visit(drawn["s7"])
    assert known
    assert (known.visitor_id, known.session_id) == ("v", "s7")
    clock.advance(KEPT + timedelta(days=1))
    numbers.number_of("v", "later")
    assert numbers.visit(drawn["s7"]) is None
    services.close()
