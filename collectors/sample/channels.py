"""The ten channels and the placements within them: what each costs, how it marks its touches, what it does to people.

A placement is one way in which an advertiser can stand before people (generic search, an ad board, radio). Its
channel is the one that the default channel rules give it. `persuades` is the chance that one visit through it makes
someone who looks for a car decide to ask a dealer: this is the causal effect that attribution tries to find. Who has
decided comes back mostly through brand search, retargeting and direct visits (`convinced`): they are near the
request without having caused it.
"""

from dataclasses import dataclass
from enum import StrEnum

CHANNELS = (
    "paid_search", "brand_search", "retargeting", "organic_search", "paid_social", "classifieds", "maps", "email",
    "direct", "offline",
)  # fmt: skip


class Way(StrEnum):
    """How a person asks a dealer."""

    FORM = "form"
    CHAT = "chat"
    SESSION_CALL = "session call"  # the number shown to this session only
    STATIC_CALL = "static call"  # the number of this placement and dealer
    OFFICE_CALL = "office call"  # the dealer's own number
    LEAD_FORM = "lead form"  # within the ad system, off the dealer's site
    MESSENGER = "messenger"
    EMAIL = "email"
    WALK_IN = "walk-in"


ON_SITE = frozenset({Way.FORM, Way.CHAT, Way.SESSION_CALL})
CARRIES_SOURCE = frozenset({Way.STATIC_CALL, Way.LEAD_FORM, Way.MESSENGER})

_SITE = ((Way.FORM, 0.48), (Way.CHAT, 0.18), (Way.SESSION_CALL, 0.28))
_BOARD = ((Way.STATIC_CALL, 0.45), (Way.MESSENGER, 0.30), (Way.FORM, 0.15), (Way.SESSION_CALL, 0.10))


@dataclass(frozen=True, slots=True)
class Placement:
    """Weights of `first`, `then` and `convinced` are relative: they need not sum to one.

    `campaign` may name {brand} and {city}. `click` and `month` are prices in RUB: of a click, and of a month per
    dealer (or per city where `per_city`). `dealer_spend` says whether the rows of its clicks name the dealer.
    """

    name: str
    channel: str
    source: str = ""
    medium: str = ""
    campaign: str = ""
    contractor: str = ""
    click_id: str = ""
    referrer: str = ""
    terms: tuple[str, ...] = ()
    first: float = 0.0
    then: float = 0.0
    convinced: float = 0.0
    persuades: float = 0.0
    ways: tuple[tuple[Way, float], ...] = _SITE
    names_dealer: float = 0.7
    click: float = 0.0
    click_rate: float = 0.02
    month: float = 0.0
    per_city: bool = False
    dealer_spend: bool = False
    vat_included: bool = True
    static_number: bool = False


PLACEMENTS = (
    Placement(
        "generic search", "paid_search", "yandex", "cpc", "generic-{brand}-{city}", "media-vector", click_id="yclid",
        terms=("купить новый автомобиль", "автосалон рядом", "авто в кредит", "кроссовер цена"),
        first=0.27, then=0.10, convinced=0.02, persuades=0.15, ways=(*_SITE, (Way.STATIC_CALL, 0.06)),
        click=290, click_rate=0.045, dealer_spend=True, static_number=True,
    ),
    Placement(
        "brand search", "brand_search", "yandex", "cpc", "brand-{brand}-{city}", "brandline", click_id="yclid",
        terms=("{brand} официальный дилер", "{brand} цена", "{brand} тест-драйв", "{brand} в наличии"),
        first=0.06, then=0.16, convinced=0.36, persuades=0.05, names_dealer=0.9,
        click=95, click_rate=0.11, dealer_spend=True,
    ),
    Placement(
        "retargeting", "retargeting", "yandex", "cpc", "retargeting-{city}", "retarget-lab", click_id="yclid",
        then=0.20, convinced=0.14, persuades=0.07, names_dealer=0.5, click=58, click_rate=0.006,
    ),
    Placement(
        "yandex organic", "organic_search", "yandex", "organic", referrer="https://yandex.ru/",
        first=0.12, then=0.09, convinced=0.06, persuades=0.10,
    ),
    Placement(
        "google organic", "organic_search", "google", "organic", referrer="https://www.google.com/",
        first=0.06, then=0.05, convinced=0.03, persuades=0.10,
    ),
    Placement(
        "vk leads", "paid_social", "vk", "cpc", "vk-leads-{city}", "social-hub", click_id="rb_clickid",
        first=0.09, then=0.05, persuades=0.11, ways=(*_SITE, (Way.LEAD_FORM, 0.70)), names_dealer=0.5,
        click=120, click_rate=0.011, dealer_spend=True, vat_included=False, static_number=True,
    ),
    Placement(
        "vk image", "paid_social", "vk", "paid", "vk-image-{brand}", "social-hub", click_id="rb_clickid",
        first=0.06, then=0.03, persuades=0.06, names_dealer=0.2, click=85, click_rate=0.008, vat_included=False,
    ),
    Placement(
        "telegram", "paid_social", "telegram", "paid", "tg-posts-{city}", "channel-seed",
        first=0.05, then=0.03, persuades=0.08, ways=(*_SITE, (Way.MESSENGER, 0.35)), names_dealer=0.3,
        click=160, click_rate=0.009, vat_included=False, static_number=True,
    ),
    Placement(
        "avito", "classifieds", "avito", "classifieds", "avito-{city}", "board-pro", referrer="https://www.avito.ru/",
        first=0.09, then=0.06, persuades=0.17, ways=_BOARD, names_dealer=1.0,
        month=7_400, dealer_spend=True, static_number=True,
    ),
    Placement(
        "auto.ru", "classifieds", "auto.ru", "classifieds", "autoru-{city}", "board-pro", referrer="https://auto.ru/",
        first=0.07, then=0.05, persuades=0.17, ways=_BOARD, names_dealer=1.0,
        month=9_200, dealer_spend=True, static_number=True,
    ),
    Placement(
        "2gis", "maps", "2gis", "referral", "2gis-{city}", "geo-media", referrer="https://2gis.ru/",
        first=0.04, then=0.03, convinced=0.08, persuades=0.09, ways=((Way.STATIC_CALL, 0.62), *_SITE), names_dealer=1.0,
        month=2_600, dealer_spend=True, vat_included=False, static_number=True,
    ),
    Placement(
        "direct", "direct",
        first=0.06, then=0.14, convinced=0.31, persuades=0.02,
        ways=(*_SITE, (Way.OFFICE_CALL, 0.12), (Way.WALK_IN, 0.06), (Way.EMAIL, 0.03)),
    ),
    Placement(
        "radio", "offline", "radio", "offline", "radio-{city}", "radio-wave",
        first=0.03, persuades=0.14, ways=((Way.STATIC_CALL, 0.75), *_SITE), names_dealer=0.1,
        month=95_000, per_city=True, static_number=True,
    ),
    Placement("mailing", "email", "email", "email", persuades=0.20, names_dealer=1.0),
)  # fmt: skip

BY_NAME = {placement.name: index for index, placement in enumerate(PLACEMENTS)}
RETARGETING = BY_NAME["retargeting"]
DIRECT = BY_NAME["direct"]
MAILING = BY_NAME["mailing"]


def next_weights() -> list[list[float]]:
    """Weights of the next placement: of the first visit, after each placement, and (last) of who has decided.

    Who came through a placement tends to come through it again, and who was seen is followed by retargeting.
    """
    rows = [[placement.first for placement in PLACEMENTS]]
    for index, previous in enumerate(PLACEMENTS):
        row = [placement.then for placement in PLACEMENTS]
        row[index] *= 2
        if previous.channel != "retargeting":
            row[RETARGETING] *= 1.8
        rows.append(row)
    rows.append([placement.convinced for placement in PLACEMENTS])
    return rows
