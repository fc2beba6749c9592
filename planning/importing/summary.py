"""What was found in a file, as JSON: what the wizard shows, and the API answers."""

from collections import Counter
from typing import Any

from planning.importing.comparison import Comparison, sums_by_month
from planning.importing.names import Known
from planning.importing.reading import FileRead, SheetRead
from planning.importing.register import Step
from planning.importing.rows import Skipped
from planning.importing.words import Role

_MOST_NAMES = 500
_LONGEST_HEADING = 200


def step_of(read: FileRead) -> Step:
    """What is to be asked next."""
    if not read.is_settled:
        return Step.COLUMNS
    return Step.NAMES if read.unknown else Step.PREVIEW


def summary(read: FileRead, known: Known, compared: Comparison) -> dict[str, Any]:
    problems = read.problems
    explained: dict[Role, dict[str, str]] = {}
    for sheet in read.sheets:
        for role, told in (sheet.table.explained if sheet.table else {}).items():
            explained.setdefault(role, {}).update(told)
    return {
        "sheets": [_sheet(each) for each in read.sheets],
        "unknown": {role.value: _unknown(counted, known, role) for role, counted in read.unknown.items()},
        "explained": {role.value: told for role, told in explained.items()},
        "errors": [each.as_dict() for each in problems.errors],
        "warnings": [each.as_dict() for each in problems.warnings],
        "count": {"errors": problems.count["errors"], "warnings": problems.count["warnings"]},
        "lines": len(read.lines.lines),
        "cells": read.lines.cells,
        "sums": sums_by_month(read.lines.lines),
        "compared": compared.as_dict(),
    }


def failure(message: str, *, help: str) -> dict[str, Any]:  # noqa: A002  # as errors name it
    """Of a file that cannot be read at all."""
    return {"failed": message, "help": help}


def _sheet(read: SheetRead) -> dict[str, Any]:
    skipped = read.table.skipped if read.table else Counter[Skipped]()
    return {
        "name": read.name,
        "is_hidden": read.is_hidden,
        "is_left_out": read.is_left_out,
        "is_settled": read.is_settled,
        "shape": read.header.shape if read.header else None,
        "headings": [each[:_LONGEST_HEADING] for each in read.header.headings] if read.header else [],
        "sample": read.sample,
        "mapping": read.mapping.model_dump(mode="json") if read.mapping else None,
        "doubts": read.doubts,
        "rows": read.read,
        "skipped": {reason.value: count for reason, count in skipped.items() if count},
    }


def _unknown(counted: Counter[str], known: Known, role: Role) -> list[dict[str, Any]]:
    return [
        {"spelling": spelling, "rows": rows, "suggestions": known[role].suggestions(spelling)}
        for spelling, rows in counted.most_common(_MOST_NAMES)
    ]
