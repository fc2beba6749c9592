"""How the columns of somebody's file become fields of an event.

A rule is `field=column` (`id=mql_id`), `field=column+column` (joined with `:`, for keys of several columns), or
`field:=text` for a constant. Nested fields have a dot: `contact.phone=Телефон`, `properties.segment=business_segment`.
Columns that no rule takes stay under their own name: a field of that name, or else a property.
"""

import difflib
import json
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from collectors.events import field_names
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

    @classmethod
    def parse(cls, texts: Iterable[str], family: str) -> Self:
        """Raises `InvalidInput` for a rule that cannot be read or a field the family does not have."""
        return cls(tuple(_parse_rule(text, family) for text in texts))

    @classmethod
    def read(cls, path: Path, family: str) -> Self:
        """A TOML or JSON file: `field = "column"`, and a table `constants` of fields with fixed values."""
        try:
            text = path.read_text("utf-8")
            found = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        except (OSError, ValueError) as error:
            raise InvalidInput(f"The mapping {path} cannot be read: {error}", where="--mapping") from error
        constants = found.pop("constants", {})
        return cls.parse(
            [f"{name}={column}" for name, column in found.items()]
            + [f"{name}:={value}" for name, value in constants.items()],
            family,
        )

    def for_columns(self, columns: Sequence[str]) -> Callable[[Row], Row]:
        """The function that renames one row. Raises `InvalidInput` where a rule names a column that is not there."""
        rules = [Rule(rule.field, _known_columns(rule, columns), rule.constant) for rule in self.rules]
        taken = {column for rule in rules for column in rule.columns}
        kept = [(column, column.strip()) for column in columns if column not in taken]

        def rename(row: Row) -> Row:
            event: Row = {name: row[column] for column, name in kept if row.get(column) not in (None, "")}
            for rule in rules:
                value = rule.constant if rule.constant is not None else _join(row, rule.columns)
                if value not in (None, ""):
                    _put(event, rule.field, value)
            return event

        return rename


def _parse_rule(text: str, family: str) -> Rule:
    field, separator, rest = text.partition("=")
    constant = field.endswith(":")
    field = field.removesuffix(":").strip()
    if not separator or not field or not rest.strip():
        raise InvalidInput(f"{text!r} is no mapping: write field=column, or field:=text.", where="--map")
    known = field_names(family)
    if field.partition(".")[0] not in known:
        close = difflib.get_close_matches(field, known, n=1)
        raise InvalidInput(
            f"{family} have no field {field!r}.",
            where="--map",
            help=f"Did you mean {close[0]}?" if close else f"The fields are {', '.join(known)}; or properties.{field}.",
        )
    return Rule(field, constant=rest) if constant else Rule(field, (rest.strip(),))


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
            raise InvalidInput(
                f"There is no column {name.strip()!r} for the field {rule.field}.",
                where="--map",
                help=f"The columns are {', '.join(columns)}.",
            )
        found.append(column)
    return tuple(found)


def _join(row: Row, columns: tuple[str, ...]) -> Any:
    if len(columns) == 1:
        return row.get(columns[0])
    return ":".join(str(row.get(column) or "") for column in columns)


def _put(event: Row, field: str, value: Any) -> None:
    outer, dot, inner = field.partition(".")
    if dot:
        event.setdefault(outer, {})[inner] = value
    else:
        event[field] = value
