"""1C: Enterprise: one entity set of a base's OData interface (v3), read by a preset.

Rows come in order of a date (`by`), page by page, and from some days before the last one again, since documents are
changed afterwards: their keys (`Ref_Key`) make that harmless. A row marked for deletion, or not posted, is a lost deal.
Times have no zone: they are the base's, read in the source's. An empty reference or date is nothing.
Source: shared format notes on articles and vendors' help pages; no base was at hand.
"""

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from collectors.sources.source import Source, Told
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask, Level, Page, Pull, PulledVendor
from collectors.vendors.webhook import preset_of
from infra.errors import InvalidInput, VendorRefused

_NOTHING = frozenset({"00000000-0000-0000-0000-000000000000", "0001-01-01T00:00:00"})
_EARLIEST = "2000-01-01T00:00:00"
_PER_SECOND = 2.0


class OneC(PulledVendor):
    slug = "onec"
    title = "1C: Enterprise (OData)"
    level = Level.UNVERIFIED
    every = timedelta(hours=1)
    PAGE: ClassVar[int] = 1000
    asks = (
        Ask("address", "Address of the base, such as https://1c.example.com/dms"),
        Ask("user", "User of the base"),
        Ask("password", "Password of that user", secret=True, required=False),
        Ask("preset", "Preset: a name that ships, or a .toml file", default="onec_orders", may_be_file=True),
        Ask("entity", "Entity set", default="Document_ЗаказКлиента"),
        Ask("by", "Date by which its rows are read", default="Date"),
        Ask("filter", "Further condition ($filter)", required=False),
        Ask("expand", "References to be read with it ($expand)", required=False),
        Ask("again_days", "Days that are read again each time, for later changes", default="30"),
        Ask("since", "First day to be read, such as 2026-01-01", required=False),
    )
    guide = (
        "Publish the base's standard OData interface, add the entity set to it (Все функции → Настройка состава\n"
        "стандартного интерфейса OData), and make a user who may only read. It is asked every hour."
    )

    def examine(self, source: Source) -> None:
        preset_of(source)
        for name, read in (("again_days", int), ("since", datetime.fromisoformat)):
            try:
                read(source.settings.get(name) or "2026")
            except ValueError as error:
                raise InvalidInput(f"The setting {name} cannot be read: {error}.", where=name) from error

    def pull(self, pull: Pull) -> Iterator[Page]:
        source, cursor = pull.source, dict(pull.cursor)
        since, skip = cursor.get("since") or _first_day(source), int(cursor.get("skip", 0))
        last = cursor.get("last", since)
        with _open(pull) as api:
            while True:
                rows = _rows(api, source, since, skip)
                found = [_event(source, row) for row in rows]
                last = max([last, *(str(row.get(_by(source)) or "") for row in rows)])
                skip += len(rows)
                if len(rows) < self.PAGE:
                    yield Page(found, {"since": _days_before(last, source, at_least=since)})
                    return
                yield Page(found, {"since": since, "skip": skip, "last": last})


def read_entity(
    source: Source, entity: str, *, condition: str = "", expand: str = "", order: str = "", most: int = 100_000
) -> list[dict[str, Any]]:
    """The rows of any entity set of the source's base, as they are: a catalogue, a register, a table of a document.

    `condition`, `expand` and `order` are as OData has them. Raises `VendorRefused` and `VendorUnavailable`, and
    `InvalidInput` where there are more rows than `most`.
    """
    found: list[dict[str, Any]] = []
    address = source.settings.get("base_url") or source.settings["address"]
    with Api(address.rstrip("/") + "/", headers=_headers(source), per_second=_PER_SECOND) as api:
        while True:
            asked = {"$filter": condition, "$orderby": order, "$expand": expand}
            page = _ask(api, entity, asked | {"$top": str(OneC.PAGE), "$skip": str(len(found))})
            found += page
            if len(page) < OneC.PAGE:
                return found
            if len(found) > most:
                raise InvalidInput(
                    f"{entity} has more than {most} rows.", where="filter", help="Ask for a part of it by a condition."
                )


def _headers(source: Source) -> dict[str, str]:
    pair = f"{source.settings['user']}:{source.secrets.get('password', '')}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}", "Accept": "application/json"}


def _open(pull: Pull) -> Api:
    source = pull.source
    address = source.settings["address"].rstrip("/") + "/"
    return pull.open_api(address, headers=_headers(source), per_second=_PER_SECOND)


def _rows(api: Api, source: Source, since: str, skip: int) -> list[dict[str, Any]]:
    settings, by = source.settings, _by(source)
    conditions = [f"{by} ge datetime'{since}'", *filter(None, [settings.get("filter")])]
    asked = {
        "$filter": " and ".join(conditions), "$orderby": f"{by},Ref_Key",
        "$top": str(OneC.PAGE), "$skip": str(skip), "$expand": settings.get("expand", ""),
    }  # fmt: skip
    return _ask(api, settings.get("entity") or "Document_ЗаказКлиента", asked)


def _ask(api: Api, entity: str, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """1C takes only %20 for a space; a form's + would stand for itself."""
    told_options = {"$format": "json", **asked}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in told_options.items() if value)
    told = api.ask("GET", f"odata/standard.odata/{quote(entity)}?{query}").json()
    if "value" not in told:
        reason = (told.get("odata.error") or {}).get("code", "no rows")
        raise VendorRefused(f"1C answers without rows: {reason}.", status=200, help="Check the entity set's name.")
    return list(told["value"])


def _event(source: Source, row: Mapping[str, Any]) -> Told:
    chosen = preset_of(source)
    event = chosen.read(_without_nothing(row))
    if "id" in event:
        event["id"] = source.key(event["id"])
    if chosen.family == "deals" and (row.get("DeletionMark") is True or row.get("Posted") is False):
        event |= {"stage": "lost", "lost_reason": "deleted" if row.get("DeletionMark") else "unposted"}
    return Told(chosen.family, event)


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nothing(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_nothing(inner) for inner in value]
    return None if isinstance(value, str) and value in _NOTHING else value


def _by(source: Source) -> str:
    return source.settings.get("by") or "Date"


def _first_day(source: Source) -> str:
    told = source.settings.get("since")
    return datetime.fromisoformat(told).isoformat(timespec="seconds") if told else _EARLIEST


def _days_before(last: str, source: Source, *, at_least: str) -> str:
    days = timedelta(days=int(source.settings.get("again_days") or 30))
    return max(at_least, (datetime.fromisoformat(last) - days).isoformat(timespec="seconds"))


VENDOR = OneC()
