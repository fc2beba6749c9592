"""A slow, obviously right reference of identity: union-find over the keys that events name together."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from typing import Any

Events = dict[str, list[dict[str, Any]]]
NEVER_SHARED = ("lead", "call", "deal", "session")
NOT_COUNTED = ("deal", "call", "session")


def persons(events: Events, limit: int, untied: Iterable[tuple[str, str]]) -> set[frozenset[str]]:
    """The persons with more than one key."""
    apart = {frozenset(pair) for pair in untied}
    ties = {pair for keys in named_keys(events) for pair in combinations(without_untied(keys, apart), 2)}
    shared = shared_keys(ties, limit)
    root: dict[str, str] = {}

    def find(key: str) -> str:
        while root.setdefault(key, key) != key:
            key = root[key]
        return key

    for one, other in ties:
        if one not in shared and other not in shared:
            root[find(one)] = find(other)
    found = defaultdict(set)
    for key in list(root):
        found[find(key)].add(key)
    return {frozenset(keys) for keys in found.values()}


def without_untied(keys: list[str], apart: set[frozenset[str]]) -> list[str]:
    kept: list[str] = []
    for key in keys:
        if not any(frozenset((key, other)) in apart for other in kept):
            kept.append(key)
    return list(dict.fromkeys(kept))


def shared_keys(ties: set[tuple[str, str]], limit: int) -> set[str]:
    neighbours = defaultdict(set)
    for one, other in ties:
        neighbours[one, kind(other)].add(other)
        neighbours[other, kind(one)].add(one)
    return {
        key
        for (key, of_kind), found in neighbours.items()
        if kind(key) not in NEVER_SHARED and of_kind not in NOT_COUNTED and len(found) > limit
    }


def kind(key: str) -> str:
    return key.split(":")[0]


def named_keys(events: Events) -> list[list[str]]:
    """What each event names, its own key first."""
    asked = {e["session_id"] for f in ("leads", "calls") for e in events[f] if not e["visitor_id"] and e["session_id"]}
    named = []
    for touch in events["touches"]:
        named.append(pairs(visitor=touch["visitor_id"], user=touch["user_id"]))
        if touch["session_id"] in asked:
            named.append(pairs(visitor=touch["visitor_id"], session=touch["session_id"]))
    for each in events["actions"]:
        if each["user_id"]:
            named.append(pairs(visitor=each["visitor_id"], user=each["user_id"]))
    for each in events["profiles"]:
        named.append(
            pairs(user=each["user_id"], visitor=each["visitor_id"], phone=each["phone"], email=each["email"])
            + pairs(crm=each["crm_id"])
            + pairs(user=each["previous_id"], visitor=each["previous_id"])
        )
    for each in events["leads"]:
        named.append(
            pairs(lead=each["id"], phone=each["phone"], email=each["email"], visitor=each["visitor_id"])
            + pairs(user=each["user_id"], session="" if each["visitor_id"] else each["session_id"])
        )
    for each in events["calls"]:
        session = "" if each["visitor_id"] else each["session_id"]
        named.append(pairs(call=each["id"], phone=each["caller"], visitor=each["visitor_id"], session=session))
    for each in events["deals"]:
        contact = each["contact"]
        named.append(
            pairs(deal=each["deal_id"], lead=each["lead_id"], phone=contact["phone"], email=contact["email"])
            + pairs(crm=contact["crm_id"], visitor=each["visitor_id"])
        )
    return named


def pairs(**values: str) -> list[str]:
    return [f"{name}:{value}" for name, value in values.items() if value]
