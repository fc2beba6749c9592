"""Presets: mappings of a system's payload or export to one family, as TOML that anybody can edit.

    title = "Ringostat"
    level = "B"                         # A documented, B agreed by several clients, C unverified
    family = "calls"
    nulls = ["(not set)"]               # texts that mean nothing
    tests = ["{callerphone}"]           # a payload with such a value is a test of the address
    rows = "value"                      # where a JSON object holds the list of its items
    vins = ["VIN"]                      # paths of VINs: Cyrillic letters that look like Latin ones become these
    [fields]                            # field = path, or paths of which the first with a value counts
    id = ["uniqueid", "call_id", "date+phone"]
    caller = "caller"
    "properties.city" = "session.city"
    [constants]                         # where no path has a value
    kind = "form"
    [values.status]                     # what the system's words mean; "*" is every other one
    ANSWERED = "answered"
    [units]                             # numbers are multiplied: kopecks to roubles
    cost = "0.01"
    [times]                             # unix, unix_ms, or a strptime form
    started_at = "%d/%m/%Y %H:%M:%S"

Paths are dotted (`client.phones.0.number`), and names count whatever their case. `a+b` are several values, joined with
`:`, where all of them are there. What no field takes is kept in `properties` under its path.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from collectors.events import family_model
from collectors.flatten import flat
from collectors.mapping import check_field
from collectors.vendors.base import Level
from infra.errors import InvalidInput, NotFound

_FOLDER = files("collectors") / "presets"
_ANY_OTHER = "*"
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_LOOK_ALIKES = str.maketrans("АВСЕНКМОРТУХ", "ABCEHKMOPTYX")
_ODATA_MOMENT = re.compile(r"/Date\((-?\d+)(?:[+-]\d+)?\)/")


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    level: Level
    family: str
    guide: str = ""
    nulls: list[str] = Field(default_factory=list)
    tests: list[str] = Field(default_factory=list)
    rows: str = ""
    vins: list[str] = Field(default_factory=list)
    fields: dict[str, list[str]]
    constants: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    units: dict[str, Decimal] = Field(default_factory=dict)
    times: dict[str, str] = Field(default_factory=dict)

    @field_validator("fields", mode="before")
    @classmethod
    def _one_path_or_many(cls, found: Any) -> Any:
        if not isinstance(found, dict):
            return found
        return {name: [paths] if isinstance(paths, str) else paths for name, paths in found.items()}


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    title: str
    level: Level
    family: str
    guide: str
    fields: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    units: Mapping[str, Decimal] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)
    nulls: frozenset[str] = frozenset()
    tests: frozenset[str] = frozenset()
    rows: str = ""
    vins: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str, name: str) -> "Preset":
        """Raises `InvalidInput` for what is no preset, or names a field that its family does not have."""
        try:
            told = _Document.model_validate(tomllib.loads(text))
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            reason = error if isinstance(error, tomllib.TOMLDecodeError) else _first(error)
            raise InvalidInput(
                f"The preset {name} cannot be read: {reason}.",
                where="preset",
                help="docs/how-to/map-a-webhook.md shows one.",
            ) from error
        family_model(told.family)
        for names in (told.fields, told.constants, told.values, told.units, told.times):
            for each in names:
                check_field(each, told.family)
        return cls(
            name=name, title=told.title, level=told.level, family=told.family, guide=told.guide,
            fields={each: tuple(path.casefold() for path in paths) for each, paths in told.fields.items()},
            constants=told.constants, values=told.values, units=told.units, times=told.times,
            nulls=frozenset(told.nulls), tests=frozenset(told.tests), rows=told.rows,
            vins=frozenset(path.casefold() for path in told.vins),
        )  # fmt: skip

    @property
    def columns(self) -> frozenset[str]:
        """Every name that a path asks for, in lower case."""
        return frozenset(part for paths in self.fields.values() for path in paths for part in (path, *path.split("+")))

    def items(self, payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The objects that a payload holds in its `rows`, or the payload itself where it has none."""
        held: Any = payload
        for name in self.rows.split("."):
            held = held.get(name) if isinstance(held, Mapping) else None
        return [each for each in held if isinstance(each, Mapping)] if isinstance(held, list) else [payload]

    def is_test(self, payload: Mapping[str, Any]) -> bool:
        """Whether the payload is empty, or holds a value that the system sends as a test."""
        return not payload or any(isinstance(value, str) and value in self.tests for value in flat(payload).values())

    def read(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The payload as an event of the family. A value that cannot be read stays as it is: the intake refuses it."""
        row = {path: self._plain(path, value) for path, value in flat(payload).items() if not self._says_nothing(value)}
        by_name = {path.strip().casefold(): path for path in reversed(row)}
        event: dict[str, Any] = {}
        taken: set[str] = set()
        for name, paths in self.fields.items():
            known = [by_name[path] for path in paths if path in by_name]
            taken.update(known)
            found = next((value for path in paths if (value := _value(row, by_name, path)) is not None), None)
            if found is not None:
                _put(event, name, self._meant(name, found))
        for name, value in self.constants.items():
            if not _has(event, name):
                _put(event, name, value)
        rest = {path: value for path, value in row.items() if path not in taken}
        if rest:
            event["properties"] = rest | event.get("properties", {})
        return event

    def _says_nothing(self, value: Any) -> bool:
        return value is None or value == "" or (isinstance(value, str) and value.strip() in self.nulls)

    def _plain(self, path: str, value: Any) -> Any:
        return latin_vin(value) if path.strip().casefold() in self.vins and isinstance(value, str) else value

    def _meant(self, name: str, value: Any) -> Any:
        if name in self.values:
            words = self.values[name]
            return words.get(str(value).strip(), words.get(_ANY_OTHER, value))
        if name in self.times:
            return read_time(value, self.times[name])
        return in_units(value, self.units[name]) if name in self.units else value


def latin_vin(text: str) -> str:
    """A VIN in capital Latin letters; what is none stays as it is."""
    plain = re.sub(r"[\s-]", "", text).upper().translate(_LOOK_ALIKES)
    return plain if _VIN.fullmatch(plain) else text


def read_time(value: Any, form: str) -> Any:
    """A moment from `unix` or `unix_ms`, in UTC, or from a strptime form, without a zone unless the form has one.

    Milliseconds may stand within `/Date(…)/`, as OData v2 writes them.
    """
    try:
        if form in ("unix", "unix_ms"):
            value = _ODATA_MOMENT.sub(r"\1", value) if isinstance(value, str) else value
            return datetime.fromtimestamp(float(value) / (1000 if form == "unix_ms" else 1), UTC)
        return datetime.strptime(str(value).strip(), form)  # noqa: DTZ007  # the zone is the source's
    except (ValueError, OverflowError, OSError):
        return value


def _value(row: Mapping[str, Any], by_name: Mapping[str, str], path: str) -> Any:
    """The value of a path, or those of several, joined; None where one is missing."""
    if path in by_name:
        return row[by_name[path]]
    parts = [by_name.get(part.strip()) for part in path.split("+")]
    return ":".join(str(row[part]).strip() for part in parts if part) if len(parts) > 1 and all(parts) else None


def in_units(value: Any, unit: Decimal) -> Any:
    try:
        return str(Decimal(str(value).strip()) * unit)
    except InvalidOperation:
        return value


def preset(name: str) -> Preset:
    """The preset that ships under a name, or one in a file of this path. Raises `NotFound`, `InvalidInput`."""
    return Preset.parse(preset_text(name), Path(name).stem)


def shipped_preset(name: str) -> Preset:
    """One that ships, and no file: for callers from outside. Raises `NotFound`."""
    if name not in preset_names():
        raise NotFound(f"There is no preset {name!r}.", where="preset", help=f"There are {', '.join(preset_names())}.")
    return preset(name)


def preset_text(name: str) -> str:
    """Raises `NotFound`."""
    place = Path(name) if name.endswith(".toml") else _FOLDER / f"{name}.toml"
    try:
        return place.read_text("utf-8")
    except OSError as error:
        raise NotFound(
            f"There is no preset {name!r}.",
            where="preset",
            help=f"There are {', '.join(preset_names())}, or a .toml file.",
        ) from error


def preset_parts() -> list[str]:
    """What a preset can say."""
    return list(_Document.model_fields)


def preset_names() -> list[str]:
    return sorted(place.name.removesuffix(".toml") for place in _FOLDER.iterdir() if place.name.endswith(".toml"))


def _put(event: dict[str, Any], name: str, value: Any) -> None:
    outer, dot, inner = name.partition(".")
    if dot:
        event[outer] = {**event.get(outer, {}), inner: value}
    else:
        event[name] = value


def _has(event: Mapping[str, Any], name: str) -> bool:
    outer, dot, inner = name.partition(".")
    return inner in event.get(outer, {}) if dot else name in event


def _first(error: ValidationError) -> str:
    found = error.errors(include_url=False)[0]
    return f"{'.'.join(str(part) for part in found['loc'])}: {found['msg']}"
