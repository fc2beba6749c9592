"""Sources for tests of what is kept of them."""

from zoneinfo import ZoneInfo

from collectors.sources.register import new_token
from collectors.sources.source import Source


def a_source(key: str = "north", vendor: str = "mango", **fields: object) -> Source:
    told = {"settings": {"offset_hours": "0"}, "secrets": {"api_key": "k", "api_salt": "s"}} | fields
    return Source(id=key, vendor=vendor, token=new_token(), timezone=ZoneInfo("Europe/Moscow"), **told)  # type: ignore[arg-type]
