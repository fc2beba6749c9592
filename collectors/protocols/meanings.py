"""What the name of a tracked event means, beside being an action: a touch, a lead, a call or a stage of a deal.

`meanings.toml` holds the names that libraries document; the setting CLOSEDLOOP_TRACK_EVENTS adds the user's own, and
wins.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import get_args

from collectors.events import Deal, Lead
from infra.errors import InvalidSettings

ACTION, TOUCH, CALL, LEAD, DEAL = "action", "touch", "call", "lead", "deal"
_BETWEEN_WORDS = re.compile(r"(?<=[a-zа-яё0-9])(?=[A-ZА-ЯЁ])|[\s_\-]+")


def _words(model: type[Lead | Deal], field: str) -> tuple[str, ...]:
    return get_args(model.model_fields[field].annotation)


KNOWN = frozenset(
    [ACTION, TOUCH, CALL]
    + [f"{LEAD}:{kind}" for kind in _words(Lead, "kind")]
    + [f"{DEAL}:{stage}" for stage in _words(Deal, "stage")]
)


class Meanings:
    def __init__(self, own: Mapping[str, str]) -> None:
        """`own` is meaning by name. Raises `InvalidSettings` for a meaning that there is not."""
        for name, meaning in own.items():
            if meaning not in KNOWN:
                raise InvalidSettings(
                    f"CLOSEDLOOP_TRACK_EVENTS: {name!r} cannot mean {meaning!r}.",
                    where="CLOSEDLOOP_TRACK_EVENTS",
                    help=f"An event can mean {', '.join(sorted(KNOWN))}.",
                )
        self._by_name = {**shipped(), **{plain_name(name): meaning for name, meaning in own.items()}}

    def of(self, name: str) -> tuple[str, str]:
        """The meaning of a name, and what follows its colon: (`deal`, `sale`); (`action`, ``) where nobody knows it."""
        meaning, _, detail = self._by_name.get(plain_name(name), ACTION).partition(":")
        return meaning, detail


@cache
def shipped() -> Mapping[str, str]:
    """Meaning by plain name, as the product knows them."""
    told = tomllib.loads((files("collectors.protocols") / "meanings.toml").read_text("utf-8"))
    return {plain_name(name): meaning for name, meaning in told["events"].items()}


def plain_name(name: str) -> str:
    """`Order Completed`, `order_completed` and `orderCompleted` are one name."""
    return _BETWEEN_WORDS.sub(" ", name.strip()).casefold()
