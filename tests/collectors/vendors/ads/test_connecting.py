"""Each ad account can be connected with the answers that it cannot do without."""

from zoneinfo import ZoneInfo

import pytest

from collectors.sources.connecting import new_source
from collectors.vendors.register import vendor
from infra.errors import InvalidInput

NEEDED = {
    "avito": {"client_id", "client_secret"},
    "google_ads": {"customer", "client_id", "client_secret", "refresh_token"},
    "meta_ads": {"token"},
    "tiktok_ads": {"token", "advertiser"},
    "vk_ads": {"client_id", "client_secret"},
    "yandex_direct": {"token"},
    "yandex_metrica": {"token", "counter"},
}
SECRETS = {"token", "client_secret", "refresh_token"}


@pytest.mark.parametrize("slug", NEEDED)
def test_what_an_account_needs_is_enough_and_secrets_stay_secret(slug: str) -> None:
    answers = dict.fromkeys(NEEDED[slug], "123")
    source = new_source("north", vendor(slug), answers, timezone=ZoneInfo("Europe/Moscow"))
    assert set(source.secrets) == NEEDED[slug] & SECRETS
    assert not set(source.settings) & SECRETS
    for name in NEEDED[slug]:
        less = {key: value for key, value in answers.items() if key != name}
        with pytest.raises(InvalidInput, match="needs"):
            new_source("north", vendor(slug), less, timezone=ZoneInfo("Europe/Moscow"))


@pytest.mark.parametrize("slug", NEEDED)
def test_the_guide_of_one_with_a_webhook_tells_its_address(slug: str) -> None:
    assert ("{address}" in vendor(slug).guide) == vendor(slug).has_webhook
    assert vendor(slug).every
