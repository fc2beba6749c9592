"""Presets: what a system's payload means, told in TOML."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.flatten import flat
from collectors.preset import Preset, preset, preset_names
from infra.errors import InvalidInput, NotFound

TEXT = """
title = "Some calls"
level = "B"
family = "calls"
nulls = ["<не указано>", "(not set)"]
tests = ["{callerphone}"]
[fields]
id = ["uniqueid", "call.id"]
started_at = "Call.Started"
caller = "call.from"
called = "call.to"
status = "call.state"
talk_s = "call.talk"
"properties.city" = "session.city"
source = "session.utm.0.value"
[constants]
status = "missed"
[values.status]
ANSWERED = "answered"
"*" = "failed"
[units]
talk_s = "0.001"
[times]
started_at = "%d/%m/%Y %H:%M:%S"
"""
PAYLOAD: dict[str, Any] = {
    "call": {"id": 7, "started": "17/01/2025 18:52:13", "from": "79000000001", "to": "74950000001", "state": "ANSWERED",
             "talk": "95000"},
    "session": {"city": "Москва", "utm": [{"value": "yandex"}], "term": "(not set)"},
    "extra": None, "new": True,
}  # fmt: skip


LOCAL = datetime.fromisoformat("2025-01-17T18:52:13")


def some() -> Preset:
    return Preset.parse(TEXT, "some")


def test_a_payload_is_read_as_the_preset_says() -> None:
    assert some().read(PAYLOAD) == {
        "id": 7, "started_at": LOCAL, "caller": "79000000001", "called": "74950000001",
        "status": "answered", "talk_s": "95.000", "source": "yandex", "properties": {"city": "Москва", "new": True},
    }  # fmt: skip


@pytest.mark.parametrize(("state", "meant"), [("BUSY", "failed"), ("<не указано>", "missed"), (None, "missed")])
def test_other_words_and_none_at_all(state: str | None, meant: str) -> None:
    assert some().read({"call": {"state": state}})["status"] == meant


def test_the_first_path_with_a_value_counts() -> None:
    assert some().read({"uniqueid": "u", "call": {"id": 7}})["id"] == "u"
    assert some().read({"uniqueid": "", "call": {"id": 7}})["id"] == 7


def test_what_is_written_otherwise_stays_for_the_intake_to_refuse() -> None:
    read = some().read({"call": {"started": "soon", "talk": "long"}})
    assert (read["started_at"], read["talk_s"]) == ("soon", "long")


@pytest.mark.parametrize(("form", "written", "meant"), [
    ("unix", "1737129133", datetime(2025, 1, 17, 15, 52, 13, tzinfo=UTC)),
    ("unix_ms", 1737129133000, datetime(2025, 1, 17, 15, 52, 13, tzinfo=UTC)),
    ("unix", "9" * 30, "9" * 30),
])  # fmt: skip
def test_unix_times_are_in_utc(form: str, written: Any, meant: Any) -> None:
    told = Preset.parse(TEXT.replace("%d/%m/%Y %H:%M:%S", form), "some")
    assert told.read({"call": {"started": written}})["started_at"] == meant


def test_a_test_of_the_address_is_known() -> None:
    assert some().is_test({"call": {"from": "{callerphone}"}})
    assert some().is_test({})
    assert not some().is_test(PAYLOAD)


@pytest.mark.parametrize(("change", "said"), [
    (("[fields]", "[fields"), "cannot be read"),
    (('level = "B"', 'level = "D"'), "level"),
    (('family = "calls"', 'family = "faxes"'), "no event family"),
    (('caller = "call.from"', 'calller = "call.from"'), "no field"),
    (("title", "titel"), "title"),
    (('talk_s = "0.001"', 'talk_s = "much"'), "units"),
])  # fmt: skip
def test_a_preset_that_cannot_work_is_told(change: tuple[str, str], said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Preset.parse(TEXT.replace(*change), "some")
    assert said in f"{raised.value.message} {raised.value.help}"


def test_an_unknown_preset() -> None:
    with pytest.raises(NotFound, match="There is no preset"):
        preset("nonsense")


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_that_ships_can_be_read(name: str) -> None:
    assert preset(name).fields["id"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), _JSON, max_size=4))
def test_no_payload_is_too_odd_and_no_value_is_lost(payload: dict[str, Any]) -> None:
    read = some().read(payload)
    some().is_test(payload)
    kept = [value for value in flat(payload).values() if value is not None and value != ""]
    assert len(kept) == len(read.get("properties", {})) + len(set(read) - {"properties", "status"})
