"""The one sheet of a text file: UTF-8, UTF-16 or windows-1251, separated by `;`, tab, `,` or `|`."""

import csv
import io
import re

from collectors.tables import encoding_of, separator_of
from infra.errors import UnreadableBody
from planning.importing.sheet import Sheet

_HEAD_BYTES = 65_536
_MOST_ROWS = 200_000
_MOST_LINES = 50
_NEUTRALISED = re.compile(r"'(?='*[=+\-@\t\r])")


def read_delimited(data: bytes) -> Sheet:
    """Raises `UnreadableBody`. An apostrophe before what a spreadsheet would compute is taken off again."""
    text = data.decode(encoding_of(data[:_HEAD_BYTES]), errors="cp1251").removeprefix("\ufeff")
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)):
            rows.append([_plain(cell) for cell in row])
            if len(rows) > _MOST_ROWS:
                raise UnreadableBody(
                    f"The file has more than {_MOST_ROWS} rows.", where="file", help="Send it in parts."
                )
    except csv.Error as error:
        raise UnreadableBody(
            f"Line {len(rows) + 1} is no CSV: {error}.", where="file", help="Save the table as .xlsx or .csv anew."
        ) from error
    return Sheet("", rows)


def _separator(text: str) -> str:
    """That of the line that has most: above the header there may be titles."""
    lines = [line for line in text[:_HEAD_BYTES].splitlines()[:_MOST_LINES] if line.strip()]
    found = [(line.count(separator_of(line)), separator_of(line)) for line in lines]
    return max(found, key=lambda each: each[0], default=(0, ","))[1]


def _plain(cell: str) -> str:
    return cell[1:] if _NEUTRALISED.match(cell) else cell
