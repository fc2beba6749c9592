"""Secrets of other systems are stored encrypted, and a key can be changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import InvalidSettings
from infra.secrets import SecretBox

SECRETS = {"api_key": "k-123", "salt": "соль"}


@given(st.dictionaries(st.text(), st.text()))
def test_what_is_closed_can_be_opened(secrets: dict[str, str]) -> None:
    assert SecretBox("one").open(SecretBox("one").close(secrets)) == secrets


def test_nothing_of_them_can_be_read() -> None:
    closed = SecretBox("one").close(SECRETS)
    assert b"k-123" not in closed
    assert closed != SecretBox("one").close(SECRETS)


def test_a_new_key_goes_in_front_of_the_former() -> None:
    closed = SecretBox("old").close(SECRETS)
    both = SecretBox("new, old")
    assert both.open(closed) == SECRETS
    assert SecretBox("new").open(both.close(SECRETS)) == SECRETS


def test_a_foreign_key_is_told() -> None:
    with pytest.raises(InvalidSettings, match="another CLOSEDLOOP_SECRET_KEY"):
        SecretBox("other").open(SecretBox("one").close(SECRETS))


@given(st.text(), st.text())
def test_a_mark_is_of_one_text_and_one_key(text: str, other: str) -> None:
    mark = SecretBox("old").mark(text)
    assert len(mark) == 64
    assert SecretBox("new, old").is_mark(mark, text)
    assert not SecretBox("new").is_mark(mark, text)
    assert SecretBox("old").is_mark(mark, other) == (text == other)
    assert not SecretBox("old").is_mark(other, text)
