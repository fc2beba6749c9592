"""What the page about call tracking shows works as it stands."""

import re
from pathlib import Path

import pytest

from collectors.preset import Preset
from collectors.sources.connecting import ALWAYS_KNOWN, vendor_and_answers
from collectors.vendors.comagic import TEMPLATE
from collectors.vendors.register import vendors

PAGE = (Path(__file__).parents[1] / "docs" / "how-to" / "connect-calls.md").read_text("utf-8")


def shown(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_template_is_the_one_that_is_read() -> None:
    assert shown("json").strip() == TEMPLATE


def test_the_preset_reads_a_call() -> None:
    call = {"id": 1, "started": 1737129133, "from": "79000000001", "to": "74950000001", "result": "ok", "line": 2}
    event = Preset.parse(shown("toml"), "shown").read({"call": call})
    assert event.pop("started_at").isoformat() == "2025-01-17T15:52:13+00:00"
    assert event == {
        "id": 1, "caller": "79000000001", "called": "74950000001", "status": "answered", "properties": {"call.line": 2},
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(re.findall(r"closedloop connect (\w+)", PAGE))))
def test_the_commands_are_known(name: str) -> None:
    assert vendor_and_answers(name)[0].has_webhook


def test_the_settings_are_known() -> None:
    known = {ask.name for vendor in vendors().values() for ask in vendor.asks} | ALWAYS_KNOWN
    assert set(re.findall(r"--set (\w+)=", PAGE)) <= known
