"""The same events as if they were others: of other persons, so that many small stories fit into one world."""

from typing import Any

_NAMES = ("id", "deal_id", "lead_id", "visitor_id", "session_id", "user_id")
_PHONES = ("phone", "caller", "called")


def apart(place: int, event: dict[str, Any]) -> dict[str, Any]:
    """Of the story at this place, of less than a hundred. Times, marks, dealers, codes and lines in towns stay.

    Names get `place.` before them, mobile phones another operator, and click ids and addresses are told apart as well.
    """
    told = {name: _apart(place, name, value) for name, value in event.items()}
    if "contact" in told:
        told["contact"] = {name: _apart(place, name, value) for name, value in told["contact"].items()}
    if "click_ids" in told:
        told["click_ids"] = {name: f"{place}.{value}" for name, value in told["click_ids"].items()}
    if "ip" in told.get("properties", {}):
        told["properties"] = told["properties"] | {"ip": told["properties"]["ip"].replace(".2.", f".{place + 2}.")}
    return told


def _apart(place: int, name: str, value: Any) -> Any:
    if name in _NAMES and value:
        return f"{place}.{value}"
    if name in _PHONES and str(value).startswith("+79"):
        operator = (int(value[3:5]) + 3 * place) % 100
        return f"+79{operator:02}{value[5:]}"
    return value
