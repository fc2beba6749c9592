"""Reading the workbooks that reports are exported as, by a program that did not write them."""

import io
from typing import Any

import openpyxl
import pandas as pd


def report_sheet(content: bytes) -> Any:
    """The sheet that holds the table."""
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def table_cells(content: bytes) -> list[tuple[Any, ...]]:
    """The cells of the table, its header first; without the totals, which stand below it."""
    sheet = report_sheet(content)
    return list(sheet[sheet.tables["Report"].ref])


def table_of(content: bytes) -> pd.DataFrame:
    header, *rows = table_cells(content)
    return pd.DataFrame([[cell.value for cell in row] for row in rows], columns=[cell.value for cell in header])


def totals_of(content: bytes) -> dict[str, Any]:
    """The row below the table, by heading; empty where there is none."""
    header, *rows = table_cells(content)
    below = report_sheet(content)[rows[-1][0].row + 1]
    found = {name.value: cell.value for name, cell in zip(header, below, strict=False)}
    return found if any(value is not None for value in found.values()) else {}
