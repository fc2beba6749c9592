"""What a browser's name says: the kind of device, and whether it is a machine that reads pages."""

import re
from functools import lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA, is_crawler

BOT_PATTERNS: list[str] = [each["pattern"] for each in CRAWLER_USER_AGENTS_DATA if "(?" not in each["pattern"]]
"""Of the names of known crawlers, as the package `crawler-user-agents` lists them, for any engine of expressions: so
without those that look around."""

_BOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|headless|lighthouse|preview|facebookexternalhit|whatsapp|telegrambot|yandex\w+/\d"
    r"|python|curl|wget|java/|go-http|axios|okhttp|phantomjs|selenium|pingdom|uptime|monitor",
    re.IGNORECASE,
)
_BROWSERS = re.compile(r"yabrowser/[\d.]+|yandexsearch(?:browser)?/[\d.]+|yandexbrowserlite/[\d.]+", re.IGNORECASE)
_TABLET = re.compile(r"ipad|tablet|kindle|silk/|playbook|android(?!.*mobile)", re.IGNORECASE)
_MOBILE = re.compile(r"mobi|iphone|ipod|android|windows phone", re.IGNORECASE)


@lru_cache(maxsize=10_000)
def is_bot(agent: str) -> bool:
    """Whether the browser says so itself, or says nothing at all."""
    named = _BROWSERS.sub("", agent)
    return not agent.strip() or _BOT.search(named) is not None or bool(is_crawler(named))


def device_of(agent: str) -> str:
    """`tablet`, `mobile` or `desktop`."""
    if _TABLET.search(agent):
        return "tablet"
    return "mobile" if _MOBILE.search(agent) else "desktop"
