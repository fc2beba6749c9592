"""How the columns of somebody's file become fields of an event.

A rule is `field=column` (`id=mql_id`), `field=column+column` (joined with `:`, for keys of several columns), or
`field:=text` for a constant. Nested fields have a dot: `contact.phone=Телефон`, `properties.segment=business_segment`.
Columns that no rule takes stay under their own name: a field of that name, or else a property.
Of several rules for one field the last that finds a value counts.
"""

import difflib
import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from collectors.events import family_model, field_names, nested_fields
from infra.errors import InvalidInput

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    field: str
    columns: tuple[str, ...] = ()
    constant: str | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    rules: tuple[Rule, ...] = ()
    family: str = ""

    @classmethod
    def parse(cls, texts: Iterable[str], family: str) -> Self:
        """Raises `InvalidInput` for a rule that cannot be read or a field the family does not have."""
        return cls(tuple(_parse_rule(text, family) for text in texts), family)

    @classmethod
    def read(cls, path: Path, family: str) -> Self:
        """A TOML or JSON file: `field = "column"`, and a table `constants` of fields with fixed values."""
        try:
            text = path.read_text("utf-8-sig")
            found = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise InvalidInput(
                f"The mapping {path} cannot be read: {reason}.",
                where="--mapping",
                help='Write lines such as phone = "Телефон" (TOML), or the same as a JSON object.',
            ) from error
        constants = found.pop("constants", {}) if isinstance(found, dict) else None
        if not isinstance(constants, dict):
            raise InvalidInput(f"The mapping {path} must be a table of fields and columns.", where="--mapping")
        return cls.parse(
            [f"{name}={column}" for name, column in _flat(found)]
            + [f"{name}:={value}" for name, value in _flat(constants)],
            family,
        )

    def is_header(self, cells: Sequence[str]) -> bool:
        """The first row that is not empty."""
        return True

    def for_columns(self, columns: Sequence[str]) -> Callable[[Row], Row]:
        """The function that renames one row. Raises `InvalidInput` where a rule names a column that is not there."""
        rules = [Rule(rule.field, _known_columns(rule, columns), rule.constant) for rule in self.rules]
        taken = {column for rule in rules for column in rule.columns}
        kept = [column for column in columns if column not in taken]
        outer = {name.partition(".")[0] for name in [*kept, *(rule.field for rule in rules)] if "." in name}
        may_be_empty = family_model(self.family).hidden_fields if self.family else ()
        empty = {name: "" for name in may_be_empty if name in {*kept, *(rule.field for rule in rules)}}

        def rename(row: Row) -> Row:
            event: Row = dict(empty)
            for name in kept:
                value = row.get(name)
                if value not in (None, ""):
                    _put(event, f"properties.{name}" if name in outer and not isinstance(value, dict) else name, value)
            for rule in rules:
                value = rule.constant if rule.constant is not None else _join(row, rule.columns)
                if value not in (None, ""):
                    _put(event, rule.field, value)
            return event

        return rename

    def for_table(self, columns: Sequence[str]) -> Callable[[Row], Row]:
        """As `for_columns`. Raises `InvalidInput` as well where no column of a table becomes a field."""
        rename = self.for_columns(columns)
        if self.family and not self.rules and not set(columns) & set(field_names(self.family)):
            raise InvalidInput(
                f"None of the columns is a field of {self.family}: {_listed(columns)}.",
                where="map",
                help=f"Map them as field=column; the fields are {', '.join(field_names(self.family))}.",
            )
        return rename


def _flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """TOML reads `contact.phone = …` as a table within a table: its fields by their dotted names."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(column[:60] for column in columns[:_MOST_LISTED])
    more = len(columns) - _MOST_LISTED
    return f"{shown} and {more} more" if more > 0 else shown


def _parse_rule(text: str, family: str) -> Rule:
    field, separator, rest = text.partition("=")
    constant = field.endswith(":")
    field = field.removesuffix(":").strip()
    if not separator or not field or not rest.strip():
        raise InvalidInput(
            f"{text!r} is no mapping.", where="map", help="Write field=column, field=column+column, or field:=text."
        )
    check_field(field, family)
    return Rule(field, constant=rest.strip()) if constant else Rule(field, (rest.strip(),))


def check_field(field: str, family: str) -> None:
    """Raises `InvalidInput` where the family has no such field, with what it may have meant."""
    known = field_names(family)
    outer, dot, inner = field.partition(".")
    nested = nested_fields(family)
    if dot and outer in nested:
        if not inner or (nested[outer] and inner not in nested[outer]):
            raise InvalidInput(
                f"{outer} of {family} has no field {inner!r}.",
                where="map",
                help=f"Its fields are {', '.join(nested[outer])}." if nested[outer] else f"Write {outer}.name=column.",
            )
    elif dot and outer in known:
        raise InvalidInput(f"{outer} of {family} has no fields within it.", where="map", help=f"Write {outer}=column.")
    elif outer not in known:
        close = difflib.get_close_matches(field.casefold(), known, n=1)
        also = f"The fields are {', '.join(known)}; anything else is properties.{field}."
        raise InvalidInput(
            f"{family} have no field {field!r}.",
            where="map",
            help=f"Did you mean {close[0]}? {also}" if close else also,
        )


def _known_columns(rule: Rule, columns: Sequence[str]) -> tuple[str, ...]:
    if rule.constant is not None:
        return ()
    by_name = {column.strip().casefold(): column for column in reversed(columns)}
    whole = by_name.get(rule.columns[0].casefold())
    if whole is not None:
        return (whole,)
    found = []
    for name in rule.columns[0].split("+"):
        column = by_name.get(name.strip().casefold())
        if column is None:
            close = difflib.get_close_matches(name.strip().casefold(), list(by_name), n=1)
            hint = f"Did you mean {by_name[close[0]].strip()}? " if close else ""
            raise InvalidInput(
                f"There is no column {name.strip()!r} for the field {rule.field}.",
                where="map",
                help=f"{hint}The columns are {_listed(columns)}.",
            )
        found.append(column)
    return tuple(found)


def _join(row: Row, columns: tuple[str, ...]) -> Any:
    """The value of one column, or those of several with `:` between; nothing where all of them are empty."""
    if len(columns) == 1:
        return row.get(columns[0])
    parts = ["" if (value := row.get(column)) is None else str(value) for column in columns]
    return ":".join(parts) if any(parts) else ""


def _put(event: Row, field: str, value: Any) -> None:
    """Set a field. A nested one joins what its outer field holds already, without changing that object."""
    outer, dot, inner = field.partition(".")
    if dot and outer in _NESTED:
        held = event.get(outer)
        event[outer] = {**(held if isinstance(held, dict) else {}), inner: value}
    else:
        event[field] = value


_NESTED = frozenset({"properties", "contact", "click_ids"})
_MOST_LISTED = 40
