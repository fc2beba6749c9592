"""REST of Bitrix24: batches of up to 50 calls, and lists walked by id.

The bucket holds two requests a second; 503 and 429 are both back-off. An error of a call inside a batch is an error.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar, Self

from collectors.vendors.base import Pull
from collectors.vendors.bitrix24_cards import reference
from infra.errors import VendorRefused, VendorUnavailable

_PER_SECOND = 2.0
_AGAIN_IN = 60.0
_DEALS = 2
_NO_METHOD = 404
_BUSY = frozenset({"QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT", "INTERNAL_SERVER_ERROR"})
_GONE = "not found"
_SELECT = (
    "*", "UF_*", "UTM_SOURCE", "UTM_MEDIUM", "UTM_CAMPAIGN", "UTM_CONTENT", "UTM_TERM", "PHONE", "EMAIL",
)  # fmt: skip


class BitrixApi:
    PAGE: ClassVar[int] = 50

    def __init__(self, pull: Pull) -> None:
        self._api = pull.open_api(pull.source.secrets["address"].rstrip("/") + "/", per_second=_PER_SECOND)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._api.__exit__(kind, error, trace)

    def changed(self, kind: str, since: str, after: str) -> list[dict[str, Any]]:
        """The next cards by id that changed at `since` or later; fewer than `PAGE` where there are no more."""
        chosen = {">ID": after} | ({">=DATE_MODIFY": since} if since else {})
        asked = {"order": {"ID": "ASC"}, "filter": chosen, "select": _SELECT, "start": -1}
        return list(self.call(f"crm.{kind}.list", asked) or [])

    def records(self, kind: str, keys: Sequence[str]) -> list[dict[str, Any]]:
        """Those that are still there, at most 50."""
        commands = {f"n{place}": f"crm.{kind}.get?id={key}" for place, key in enumerate(keys) if key.isdecimal()}
        if not commands:
            return []
        told = self.call("batch", {"halt": 0, "cmd": commands})
        for error in _listed(told.get("result_error")):
            if _GONE not in str(error.get("error_description", "")).lower():
                raise _refusal(error)
        return [each for each in _listed(told.get("result")) if each]

    def contacts_of(self, deals: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The contacts that at most 50 deals name."""
        return self.records("contact", sorted({key for raw in deals if (key := reference(raw.get("CONTACT_ID")))}))

    def passed(self, deals: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        """The stages that deals went through, by the deal's id; none where the portal keeps no history."""
        found: dict[str, list[dict[str, Any]]] = {}
        keys, after = [raw["ID"] for raw in deals], 0
        while keys:
            asked = {"entityTypeId": _DEALS, "order": {"ID": "ASC"}, "filter": {"@OWNER_ID": keys, ">ID": after}}
            rows = (self.call("crm.stagehistory.list", asked, accept={_NO_METHOD}) or {}).get("items", [])
            for row in rows:
                found.setdefault(str(row["OWNER_ID"]), []).append(row)
            if len(rows) < self.PAGE:
                break
            after = int(rows[-1]["ID"])
        return found

    def call(self, method: str, asked: Mapping[str, Any], *, accept: Collection[int] = (), once: bool = False) -> Any:
        """The result; None where the answer's status is one of `accept`.

        Raises `AnswerLost` where what may be done only `once` may have been done.
        """
        answer = self._api.ask("POST", f"{method}.json", json=asked, accept=accept, once=once)
        if answer.status_code in accept:
            return None
        told = answer.json()
        if "error" in told:
            raise _refusal(told)
        return told["result"]


def _listed(found: Any) -> list[dict[str, Any]]:
    """PHP writes an empty object as an array."""
    return list(found.values()) if isinstance(found, dict) else list(found or [])


def _refusal(error: Mapping[str, Any]) -> VendorRefused | VendorUnavailable:
    code = str(error.get("error", ""))
    if code in _BUSY:
        return VendorUnavailable(f"Bitrix24 is busy: {code}.", retry_after=_AGAIN_IN)
    return VendorRefused(
        f"Bitrix24 refuses the request: {code or error.get('error_description')}.",
        status=200,
        help="Check the incoming webhook's address and its right crm, and connect it again.",
    )
