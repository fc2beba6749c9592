"""Channels: the first rule that matches a touch names its channel.

A rule's patterns are regular expressions over the lower-cased source, medium, campaign, referring host, and the names
of the click ids; an empty pattern asks nothing. They are applied in the warehouse, to each combination of source fields
once. An unmatched touch is `other`; one with no information at all is `direct`.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

from attribution.patterns import check_pattern

_PAID = r"^(cpc|ppc|paid|cpm|cpa|paid[_ -]?search|paidsearch)$"
PAID_MEDIUM = r"^(cpc|ppc|paid|cpm|cpa|cpv|cpl|target|ads|display|banner|video|programmatic|paid[_ -]?\w+|paidsearch)$"
PAID_CHANNELS = ("retargeting", "brand_search", "paid_search", "paid_social", "display", "classifieds")
"""Of the channels that ship: those whose touches somebody paid for. Other ones are paid where their medium says so."""
_SEARCH = r"yandex|google|bing|mail\.ru|duckduckgo|rambler|baidu|yahoo"
_SOCIAL = r"vk|vkontakte|ok\.ru|odnoklassniki|telegram|t\.me|facebook|instagram|youtube|dzen|tiktok|social"


_BEYOND_RE2 = re.compile(r"\(\?(?:[=!>]|<[=!])|\\[1-9]|\(\?P=|[*+?}]\+")


def _pattern(text: str) -> str:
    """The warehouse matches with RE2, which looks neither ahead nor back."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    if _BEYOND_RE2.search(text):
        raise ValueError(f"{text!r} looks ahead or back, or refers to a group, which RE2 expressions cannot")
    return check_pattern(text)


Pattern = Annotated[str, AfterValidator(_pattern)]


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class ChannelRule:
    """Raises pydantic's `ValidationError` where a pattern is none."""

    channel: Annotated[str, Field(min_length=1, max_length=200)]
    source: Pattern = ""
    medium: Pattern = ""
    campaign: Pattern = ""
    click_id: Pattern = ""
    referrer: Pattern = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


DEFAULT_RULES: Sequence[ChannelRule] = (
    ChannelRule("retargeting", campaign=r"retarget|remarketing|ретаргет"),
    ChannelRule("retargeting", medium=r"retarget|remarketing"),
    ChannelRule("brand_search", medium=_PAID, campaign=r"brand|бренд"),
    ChannelRule("messages", medium=r"^(message|sms|push|messenger|viber|whatsapp)$"),
    ChannelRule("email", medium=r"e-?mail|newsletter"),
    ChannelRule("email", source=r"^e-?mail$"),
    ChannelRule("paid_social", source=_SOCIAL, medium=r"cpc|cpm|paid|target|ads"),
    ChannelRule("classifieds", source=r"avito|auto\.?ru|drom|autoria|youla|classified"),
    ChannelRule("maps", source=r"2gis|maps?$|yandex\.?maps|google_?maps|\bgbp\b"),
    ChannelRule("display", medium=r"display|banner|video|programmatic"),
    ChannelRule("display", source=r"^display$"),
    ChannelRule("paid_search", medium=_PAID, source=_SEARCH),
    ChannelRule("paid_search", source=r"^paid search$"),
    ChannelRule("paid_search", click_id=r"yclid|ymclid|gclid|gbraid|wbraid|msclkid"),
    ChannelRule("paid_social", click_id=r"fbclid|ttclid|vk_click_id|rb_clickid"),
    ChannelRule("offline", medium=r"offline|radio|tv|outdoor|print|call"),
    ChannelRule("organic_search", medium=r"organic"),
    ChannelRule("organic_search", source=r"^organic search$"),
    ChannelRule("social", source=_SOCIAL),
    ChannelRule("social", medium=r"social"),
    ChannelRule("referral", medium=r"referral|affiliate|partner"),
    ChannelRule("referral", source=r"^referral$"),
    ChannelRule("direct", source=r"^\(?direct( traffic)?\)?$"),
    ChannelRule("other", source=r"."),
    ChannelRule("other", medium=r"."),
    ChannelRule("other", campaign=r"."),
    ChannelRule("organic_search", referrer=_SEARCH),
    ChannelRule("social", referrer=_SOCIAL),
    ChannelRule("referral", referrer=r"."),
    ChannelRule("direct"),
)
