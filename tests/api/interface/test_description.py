"""The description of the interface is complete: each operation says what it is, takes and answers."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest

from api.app import create_app
from api.bootstrap import Services
from api.interface.answers import ANSWERS
from api.interface.bodies import BODIES
from api.interface.document import routes_of
from api.interface.parameters import OF_ONE_OPERATION, WORDS
from api.interface.summaries import SUMMARIES
from infra.settings import read_settings

DOCUMENT = create_app(Services(read_settings(_env_file=None))).openapi()
Told = dict[str, Any]


def operations() -> Iterator[tuple[str, Told]]:
    for path, told in DOCUMENT["paths"].items():
        for method, operation in told.items():
            yield f"{method.upper()} {path}", operation


OPERATIONS = dict(operations())


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_what_it_is(name: str) -> None:
    operation = OPERATIONS[name]
    assert 3 < len(operation["summary"]) <= 120
    assert operation["tags"]
    assert all(each["description"] for each in operation["parameters"])
    assert all(each["description"] for each in operation["responses"].values())


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_what_it_answers(name: str) -> None:
    for status, told in OPERATIONS[name]["responses"].items():
        assert (status in ("204",)) != bool(told.get("content")), status
        for form in told.get("content", {}).values():
            assert "schema" in form


def test_every_operation_that_needs_a_key_says_so() -> None:
    for name, operation in OPERATIONS.items():
        if operation["security"]:
            assert "401" in operation["responses"], name


def test_summaries_tell_operations_apart() -> None:
    """Client libraries send the same to several addresses."""
    told = [
        each["summary"] for name, each in OPERATIONS.items() if name.partition(" ")[2].startswith(("/api", "/odata"))
    ]
    assert len(told) == len(set(told))


def test_nothing_is_described_that_is_not_there() -> None:
    assert set(BODIES) | set(ANSWERS) | set(SUMMARIES) <= set(OPERATIONS)
    asked = {(name.partition(" ")[2], each["name"]) for name, told in OPERATIONS.items() for each in told["parameters"]}
    assert set(OF_ONE_OPERATION) <= asked
    assert set(WORDS) == {name for _, name in asked}


def test_every_route_of_programs_is_described(services: Services) -> None:
    """What is no page: the interface, the feed, and the doors of events."""
    routes = {
        f"{method} {route.path_format}"
        for route in routes_of(create_app(services).routes)
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
        if route.path.startswith(("/api/", "/odata/", "/collect/", "/v1/", "/t.js", "/mp/")) or route.path == "/t"
    }
    assert routes - set(OPERATIONS) == {"GET /api/docs"}


@pytest.mark.parametrize("name", [name for name, told in OPERATIONS.items() if told["security"]])
def test_nobody_gets_an_answer_without_a_key(address: str, name: str) -> None:
    method, _, path = name.partition(" ")
    named = {"name": "cost", "currency": "USD", "day": "2026-01-31", "entity_set": "Facts", "family": "leads"}
    place = path.format_map(defaultdict(lambda: "1", named))
    answer = httpx.request(method, f"{address}{place}", content=b"{}" if "requestBody" in OPERATIONS[name] else None)
    assert answer.status_code == 401, answer.text
    assert "401" in OPERATIONS[name]["responses"]
    assert answer.json()["error"]["code"] == "not_allowed"
