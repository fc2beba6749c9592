"""What a CRM's statuses and pipelines mean here, as the source's settings say.

`stages` is a JSON object of statuses and stages of deals; `junk` and `duplicate` are statuses of a lost deal whose
lead is not counted. `kinds` is one of pipelines and kinds of deals, such as `{"8000001": "new_car"}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import orjson

from collectors.sources.source import Source
from collectors.vendors.base import Ask
from infra.errors import InvalidInput

STAGES = ("lead", "qualified", "appointment", "visit", "test_drive", "contract", "sale", "lost")
NOT_COUNTED = ("junk", "duplicate")


@dataclass(frozen=True, slots=True)
class Meaning:
    """The stage of a deal, and the status of the lead that it came from."""

    stage: str
    lead_status: str = ""

    @classmethod
    def of(cls, word: str) -> Self:
        return cls("lost", word) if word in NOT_COUNTED else cls(word)


@dataclass(frozen=True, slots=True)
class Stages:
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source) -> Self:
        """Raises `InvalidInput` for settings that cannot be read."""
        words = _told(source, "stages")
        for status, word in words.items():
            if word not in STAGES + NOT_COUNTED:
                raise InvalidInput(
                    f"The status {status!r} cannot mean {word!r}.",
                    where="stages",
                    help=f"Name one of {', '.join(STAGES + NOT_COUNTED)}.",
                )
        return cls({each: Meaning.of(word) for each, word in words.items()}, _told(source, "kinds"))

    def named(self, *statuses: object) -> Meaning | None:
        """Of the first of these statuses that the settings name."""
        return next((self.meanings[key] for status in statuses if (key := _key(status)) in self.meanings), None)

    def meaning(self, *statuses: object, otherwise: str) -> Meaning:
        return self.named(*statuses) or Meaning(otherwise)

    def kind(self, pipeline: object) -> str:
        return self.kinds.get(_key(pipeline), "")


def stage_asks(status: str, pipeline: str) -> tuple[Ask, ...]:
    """What a CRM asks for, with an example of its own statuses and pipelines."""
    return (
        Ask("stages", f'What its statuses mean, as JSON: {{"{status}": "visit", …}}', required=False),
        Ask("kinds", f'Which deals its pipelines hold, as JSON: {{"{pipeline}": "new_car", …}}', required=False),
    )


def _key(text: object) -> str:
    return str(text).strip().casefold()


def _told(source: Source, name: str) -> dict[str, str]:
    text = source.settings.get(name) or "{}"
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise InvalidInput(
            f"The setting {name} is no JSON object.",
            where=name,
            help='Write it as {"name": "meaning"}, or leave it out.',
        )
    return {_key(each): str(word).strip() for each, word in found.items()}
