"""What calls have in common, whoever tells of them.

Where a vendor names the visitor of several systems, `visitor_id` is the client id of Yandex Metrica, or else that of
Google Analytics: those stand in CRM cards and in the visits of these systems too. A vendor's own visits, which nobody
else knows, become `session_id`, with the vendor's name before them. The rest goes into `properties`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from phonenumbers import SUPPORTED_REGIONS

from collectors.links import MARKS
from collectors.preset import read_time
from collectors.sources.source import Source
from collectors.values import e164
from collectors.vendors.base import Ask
from infra.errors import InvalidInput

NOTHING = frozenset({
    "<не указано>", "<не заполнено>", "(not set)", "(none)", "(not provided)", "null", "undefined",
})  # fmt: skip
"""What systems write where they know nothing."""


def country_ask(default: str) -> Ask:
    return Ask("country", "Country of phone numbers without a country code", default=default)


def check_country(source: Source) -> None:
    """Raises `InvalidInput` for what is no country."""
    told = source.settings.get("country", "")
    if told and told.upper() not in SUPPORTED_REGIONS:
        raise InvalidInput(f"{told!r} is no country.", where="country", help="Write a code of two letters, such as UA.")


def said(row: Mapping[str, Any], names: Collection[str] | None = None) -> dict[str, Any]:
    """What the row says something about; of `names`, where they are given."""
    return {name: value for name, value in row.items() if (names is None or name in names) and not _says_nothing(value)}


def marks(row: Mapping[str, Any], *, prefix: str = "utm_") -> dict[str, str]:
    """Source, medium, campaign, content and term."""
    told = said(row)
    return {mark: str(told[prefix + mark]) for mark in MARKS if prefix + mark in told}


def key(source: Source, kind: str, value: Any) -> str:
    """The event's id; empty where the vendor named none, so that the intake refuses it and says so."""
    told = text(value)
    return source.key(kind, told) if told else ""


def unix(value: Any) -> Any:
    """A moment from Unix seconds; 0 is none, and what is no number stays for the intake to refuse."""
    told = text(value)
    return None if told in ("", "0") else read_time(told, "unix")


def ids_as_text(told: Mapping[str, Any]) -> dict[str, Any]:
    """Webhooks write ids as text that lists write as numbers."""
    return {name: text(value) if name.endswith("_id") else value for name, value in told.items()}


def text(value: Any) -> str:
    """An id or a name, whether it came as text or as a number; empty where nothing is said."""
    return "" if _says_nothing(value) else str(value).strip()


def seconds(value: Any) -> int:
    """0 where nothing is said. Raises `ValueError` for what is no number."""
    told = text(value)
    return max(0, round(float(told))) if told else 0


def session(vendor: str, value: Any) -> str:
    told = text(value)
    return f"{vendor}:{told}" if told and told != "0" else ""


def sides(customer: Any, line: Any, *, outgoing: bool) -> dict[str, Any]:
    """Who dialled and who was dialled, of vendors that name the customer and the line whoever dialled."""
    return (
        {"caller": line, "called": customer, "direction": "out"} if outgoing else {"caller": customer, "called": line}
    )


def plain_number(value: Any) -> str:
    """The number of `sip:74950000002@192.0.2.10`, and every other one as it is."""
    told = text(value)
    return told.removeprefix("sip:").partition("@")[0] if told.startswith("sip:") else told


def in_country(source: Source, value: Any, default: str) -> str:
    """The phone in E.164 as the source's country spells it, and as it is where it cannot be read."""
    told = text(value)
    return e164(told, (source.settings.get("country") or default).upper()) or told


def _says_nothing(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip() or value.strip() in NOTHING
    return value is None or value == [] or value == {}
