"""No English word is left on a page in another language, but for what data, commands and field names bring."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.language import COOKIE
from tests.api.english import english
from tests.api.forms import come_as_admin
from tests.api.test_every_export import tell
from tests.told import told_services

DAYS = "from=2026-01-01&to=2026-02-28"
PAGES = (
    f"/overview?{DAYS}", "/overview?period=never", f"/channels?{DAYS}",
    f"/channels?{DAYS}&by=dealer&by=month&only=dealer", f"/channels/models?{DAYS}",
    f"/channels/conversions?{DAYS}&kind=sale", f"/channels/journeys/sale/d2?{DAYS}", f"/dealers?{DAYS}",
    f"/dealers/north?{DAYS}", f"/contractors?{DAYS}", f"/contractors/%40agency?{DAYS}", f"/funnel?{DAYS}&by=dealer",
    f"/funnel/lost?{DAYS}", f"/funnel/calls?{DAYS}", f"/managers?{DAYS}", f"/managers/products?{DAYS}",
    f"/journeys?{DAYS}", f"/journeys/cohorts?{DAYS}", "/customers", "/customers?q=lead:l2", "/views", "/sources",
    "/sources/rejections", "/sources/notices", "/sources/utm", "/sources/matching", "/sources/noise",
    "/sources/contacts", "/sources/rates", "/sources/handover", "/settings", "/settings/channel-rules",
    "/settings/reference/dealers", "/settings/contractors", "/settings/reference/tracking_numbers",
    "/settings/reference/tracking_addresses", "/settings/reference/promo_codes", "/settings/reference/target_calls",
    "/settings/reference/self_reported", "/settings/reference/offline_media", "/settings/measures",
    "/settings/dimensions", "/settings/noise", "/settings/users", "/settings/users/new", "/settings/keys",
    "/settings/environment", "/audit", "/account", "/dealers/nobody", "/views/nothing", "/channels?model=best",
    "/channels?from=soon", "/settings/users/77", "/settings/reference/nothing", "/channels?measures=x",
)  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with (
        told_services(tmp_path_factory.mktemp("russian"), tell) as services,
        TestClient(create_app(services)) as opened,
    ):
        come_as_admin(opened)
        opened.cookies.set(COOKIE, "ru")
        yield opened


@pytest.mark.parametrize("path", PAGES)
def test_it_is_russian(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code < 500
    assert english(answer.text) == []
