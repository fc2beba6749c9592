"""The page of customers before there is any."""

from fastapi.testclient import TestClient


def test_before_the_first_lead_it_says_what_comes_next(client: TestClient) -> None:
    page = client.get("/customers", headers={"Authorization": "Bearer r"})
    assert (page.status_code, "No lead has come yet" in page.text) == (200, True)
