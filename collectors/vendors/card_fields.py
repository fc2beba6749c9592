"""Fields of a CRM's card, by whatever name people know them: where the person came from, and what a setting names.

`visitor_id` is the first of these that the card holds, unless the setting `visitor_field` names another field: our
own tracker's visitor, the visit of Roistat, the client id of Yandex Metrica, that of Google Analytics. The others,
and click ids, go into `properties`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from collectors.links import CLICK_IDS, MARKS, is_unfilled
from collectors.sources.source import Source
from collectors.vendors.base import Ask
from collectors.visits.number import read_number
from infra.errors import InvalidInput

OWN_FIELDS = ("closedloop_visit", "closedloop")
VISITOR_FIELDS = (
    *OWN_FIELDS, "visitor_id", "roistat", "roistat_visit", "_ym_uid", "ym_uid", "ym_client_id",
    "yaclientid", "gclientid", "ga_client_id", "client_id",
)  # fmt: skip
OUR_FIELDS = ("closedloop_lead", "closedloop_number")
"""Which lead of ours the card was made of, and the number of a visit, which a seller may have written into it."""
PROMO_FIELDS = ("promo_code", "promocode", "промокод", "промо_код")
NUMBER_FIELDS = ("closedloop_number", "visit_number", "номер_визита", "код_визита", "код_посетителя")
FIELD_ASKS = (
    Ask("dealer_field", "Field that names the dealer, by its name, code or id", required=False),
    Ask("product_field", "Field that names the product, such as the model", required=False),
    Ask("visitor_field", "Field that holds the visitor's id, if it is not one that trackers fill in", required=False),
)


class CardFields:
    """Values by name, whatever its case; of two fields of one name the first that is filled counts."""

    def __init__(self, pairs: Iterable[tuple[object, object]]) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            text = str(value).strip() if value is not None else ""
            if text and not is_unfilled(text):
                self._values.setdefault(_key(name), text)

    def __getitem__(self, name: str) -> str:
        """Empty where there is none."""
        return self._values.get(_key(name), "") if name else ""

    def named_by(self, source: Source, setting: str) -> str:
        return self[source.settings.get(setting, "")]

    def visitor(self, source: Source) -> str:
        names = (source.settings.get("visitor_field", ""), *VISITOR_FIELDS)
        found = ((name, self[name]) for name in names)
        return next((value for name, value in found if value and not _is_number(name, value)), "")

    def marks(self) -> dict[str, str]:
        """Source, medium, campaign, content and term, as far as they are known."""
        return {mark: value for mark in MARKS if (value := self[f"utm_{mark}"])}

    def ours(self) -> dict[str, str]:
        """The lead that the card was made of, and the visit number that a seller wrote, maybe in a field of ours."""
        own = next((value for name in OWN_FIELDS if _is_number(name, value := self[name])), "")
        number = self._first(NUMBER_FIELDS) or own
        return filled({"closedloop_lead": self["closedloop_lead"], "closedloop_number": number})

    def traces(self) -> dict[str, str]:
        """What else trackers left: their visitors, click ids, and the code that customers name."""
        return filled({"promo_code": self._first(PROMO_FIELDS)}) | {
            name.strip("_"): value
            for name in (*VISITOR_FIELDS, *CLICK_IDS)
            if (value := self[name]) and not _is_number(name, value)
        }

    def _first(self, names: Iterable[str]) -> str:
        return next((value for name in names if (value := self[name])), "")


def _is_number(name: str, value: str) -> bool:
    """Whether a seller wrote a visit number where forms leave the visitor."""
    try:
        return name in OWN_FIELDS and bool(read_number(value))
    except InvalidInput:
        return False


def filled(told: Mapping[str, Any]) -> dict[str, Any]:
    """What says something."""
    return {name: value for name, value in told.items() if value not in (None, "", [], {})}


def _key(name: object) -> str:
    return re.sub(r"[\s-]+", "_", str(name).strip()).casefold()
