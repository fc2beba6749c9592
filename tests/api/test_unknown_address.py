"""An address that leads nowhere: a page that leads back, for people; the shape of every error, for programs."""

import pytest
from fastapi.testclient import TestClient

from tests.api.forms import come_as_admin

PERSON = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_people_are_led_back(client: TestClient) -> None:
    come_as_admin(client)
    answer = client.get("/overveiw", headers=PERSON)
    assert answer.status_code == 404
    assert "There is no page at this address." in answer.text
    assert 'href="/overview"' in answer.text


def test_strangers_are_not_told_of_pages(client: TestClient) -> None:
    answer = client.get("/overveiw", headers=PERSON)
    assert answer.status_code == 404
    assert "There is no page at this address." in answer.text
    assert 'href="/overview"' not in answer.text


@pytest.mark.parametrize(("path", "headers"), [("/overveiw", {}), ("/api/reports/rome", PERSON), ("/static/x", PERSON)])
def test_programs_get_the_shape_of_every_error(client: TestClient, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "http_error"
