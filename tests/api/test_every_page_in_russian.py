"""No English word is left on a page in another language, but for what data, commands and field names bring."""

import html
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from api.language import COOKIE
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.api.forms import come_as_admin
from tests.api.test_every_export import tell
from tests.attribution.world import NOW, World
from tests.migrated import lay_warehouse

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
SHORT = (
    "ROMI",
    "CPL",
    "CPQL",
    "CPV",
    "CPS",
    "ROAS",
    "LTV",
    "CAC",
    "CRM",
    "UTM",
    "CSV",
    "XLSX",
    "JSON",
    "Parquet",
    "API",
    "Shapley",
    "Markov",
    "Closed Loop",
    "English",
    "RUB",
    "USD",
    "UTC",
    "ISO",
    "CR lead → sale",
    "SSO",
    "env",
    "id",
    "ID",
    "e-mail",
    "CR lead → qualified",
    "CR qualified → showroom",
    "CR showroom → sale",
    "CR visit → lead",
)
"""What every language writes alike."""
DATA = (
    "north",
    "south",
    "North",
    "South",
    "Kazan",
    "Omsk",
    "Lada",
    "Haval",
    "Agency",
    "agency",
    "spring",
    "world",
    "yandex",
    "paid_social",
    "paid_search",
    "other",
    "offline",
    "organic",
    "radio",
    "nowhere",
    "no touch",
    "none",
    "first-time",
    "direct",
    "form",
    "lead:",
    "any",
    "EVIL",
    "organization",
    "vk / cpc",
    "vk / cpc / spring",
    "margin",
    "cost",
    "revenue",
    "sales",
)
_UNSEEN = re.compile(
    r"<(script|style|pre|code|textarea|del|ins)\b.*?</\1>|<option value=\"\w*\"[^>]*>[a-z_]+</option>", re.DOTALL
)
_SAID = re.compile(r"\b(?:aria-label|title|placeholder|alt)=\"([^\"]*)\"")
_TAG = re.compile(r"<[^>]+>")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]{2,}")
_CYRILLIC = re.compile(r"[А-Яа-яё]{2}")
_ON_END = re.compile(r"[A-Za-z]{3,} [a-z]{2,}")
_CODE = re.compile(r"[_^|\\\[\]=`]|https?:|/api/|\w:\w|^[a-z-]+$|CLOSEDLOOP")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("russian")
    lay_warehouse(folder)
    settings = read_settings(data=folder, api_key="r", timezone="UTC", load_interval_ms=1, _env_file=None)
    services = Services(settings, FrozenClock(NOW))
    tell(World(services))
    with TestClient(create_app(services)) as opened:
        come_as_admin(opened)
        opened.cookies.set(COOKIE, "ru")
        yield opened
    services.close()


def english(page: str) -> list[str]:
    """What stands on it with two English words on end, or with one alone."""
    seen = _UNSEEN.sub(" ", page.partition("<body>")[2])
    texts = [*_SAID.findall(seen), *_TAG.sub("\n", seen).split("\n")]
    return sorted({text for text in (" ".join(html.unescape(each).split()) for each in texts) if _is_english(text)})


def _is_english(text: str) -> bool:
    """But for commands, fields, patterns, formulas, and what data and every language have."""
    if _CODE.search(text):
        return False
    left = re.sub("|".join(rf"\b{re.escape(each)}\b" for each in (*SHORT, *DATA)), " ", text)
    words = _WORD.findall(left)
    return bool(words) and (not _CYRILLIC.search(left) or bool(_ON_END.search(left)))


@pytest.mark.parametrize("path", PAGES)
def test_it_is_russian(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code < 500
    assert english(answer.text) == []
