"""A table of 1C as a file that the import reads: its OData interface knows no plan, only rows of some entity set."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from collectors.flatten import flat
from collectors.sources.source import Source
from collectors.vendors.onec import read_entity
from infra.errors import InvalidInput

SLUG = "onec"
_OF_THE_BASE = ("odata.", "DataVersion", "DeletionMark")
_NOTHING = "00000000-0000-0000-0000-000000000000"


def table_of_entity(source: Source, entity: str, *, condition: str = "", expand: str = "", order: str = "") -> bytes:
    """CSV with a column for each field, those of expanded references as `Контрагент.Description`.

    Raises `InvalidInput` where the source is no base of 1C, or the entity set has no rows; `VendorRefused` and
    `VendorUnavailable`.
    """
    if source.vendor != SLUG:
        raise InvalidInput(
            f"The source {source.id} is no base of 1C.", where="source", help="Connect one: `closedloop connect onec`."
        )
    rows = [_plain(row) for row in read_entity(source, entity, condition=condition, expand=expand, order=order)]
    if not rows:
        raise InvalidInput(
            f"{entity} has no rows that fit.", where="entity", help="Check the entity set's name and the condition."
        )
    return _as_csv(rows)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing to people: marks of the base, and empty references."""
    return {
        name: value
        for name, value in flat(row).items()
        if not name.startswith(_OF_THE_BASE) and value not in (None, _NOTHING) and not isinstance(value, list | dict)
    }


def _as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
