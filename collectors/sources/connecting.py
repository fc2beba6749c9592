"""Making a source of what somebody answered, with nothing missing and nothing unknown."""

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from collectors.preset import preset_names
from collectors.sources.register import new_token
from collectors.sources.source import Source
from collectors.vendors.base import Ask, Vendor
from collectors.vendors.register import vendor, vendors
from infra.errors import InvalidInput, NotFound

ALWAYS_KNOWN = frozenset({"base_url", "preset"})
"""Settings that any source may have, though nobody is asked for them."""


def vendor_and_answers(name: str) -> tuple[Vendor, dict[str, str]]:
    """The vendor of a name, or the webhook vendor with the preset of that name. Raises `NotFound`."""
    if name in vendors():
        return vendor(name), {}
    if name in preset_names():
        return vendor("webhook"), {"preset": name}
    known = sorted({*vendors(), *preset_names()})
    raise NotFound(f"Nothing is known of {name!r}.", where="VENDOR", help=f"There are {', '.join(known)}.")


def unanswered(known: Vendor, answers: Mapping[str, str]) -> list[Ask]:
    """What is still to be asked."""
    return [ask for ask in known.asks if ask.name not in answers]


def new_source(
    key: str,
    known: Vendor,
    answers: Mapping[str, str],
    *,
    timezone: ZoneInfo,
    vat_included: bool = False,
    dealer: str = "",
) -> Source:
    """Raises `InvalidInput` for an answer that is missing or that nobody asked for, or a preset that cannot be read."""
    asks = {ask.name: ask for ask in known.asks}
    for name in answers:
        if name not in asks and name not in ALWAYS_KNOWN:
            raise InvalidInput(
                f"{known.title} has no setting {name!r}.",
                where=name,
                help=f"It asks for {', '.join(asks) or 'nothing'}.",
            )
    given = {**{ask.name: ask.default for ask in known.asks}, **answers}
    missing = [ask for ask in known.asks if ask.required and not given[ask.name]]
    if missing:
        raise InvalidInput(
            f"{known.title} needs {missing[0].title.lower()}.",
            where=missing[0].name,
            help=f"Say it as --set {missing[0].name}=….",
        )
    for name, ask in asks.items():
        if ask.may_be_file and given[name].endswith(".toml"):
            given[name] = _text_of(given[name], name)
    secret = {name for name, ask in asks.items() if ask.secret}
    source = Source(
        id=key,
        vendor=known.slug,
        token=new_token(),
        timezone=timezone,
        vat_included=vat_included,
        dealer=dealer,
        settings={name: value for name, value in given.items() if name not in secret and value},
        secrets={name: value for name, value in given.items() if name in secret and value},
    )
    known.examine(source)
    return source


def _text_of(place: str, name: str) -> str:
    try:
        return Path(place).read_text("utf-8")
    except OSError as error:
        raise InvalidInput(f"{place} cannot be read: {error.strerror}.", where=name) from error
