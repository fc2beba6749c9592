"""Documented payloads of each protocol, and what becomes of each name that is known, held against golden files."""

import json
from pathlib import Path

import pytest

from collectors.protocols.meanings import plain_name, shipped
from tests.collectors.protocols.hearing import NOW, hear, messages, reader, stored

GOLDEN = Path(__file__).parent / "golden"
PAYLOADS = sorted(path.stem for path in GOLDEN.glob("*_*.json"))
MEANINGS: dict[str, list[str]] = json.loads((GOLDEN / "meanings.json").read_text("utf-8"))


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_documented_payload(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    told = [
        list(event)
        for message in messages(golden["protocol"], golden["request"])
        for event in stored(reader().read(message, NOW))
    ]
    assert told == golden["events"]


@pytest.mark.parametrize("name", MEANINGS)
def test_a_known_name(name: str) -> None:
    properties = {"phone": "89000000001", "called": "+79000000002", "order_id": "o-1", "value": 10}
    found = [
        family + {"leads": f":{event.get('kind')}", "deals": f":{event.get('stage')}"}.get(family, "")
        for family, event in hear("track", event=name, properties=properties).items()
    ]
    assert found == MEANINGS[name]


def test_every_known_name_is_held() -> None:
    assert {plain_name(name) for name in MEANINGS} == set(shipped())
