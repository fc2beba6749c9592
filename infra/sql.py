"""Named SQL statements.

A file `<package>/sql/<subject>.sql` holds statements under lines `-- name: …`, each followed by a comment that says
what it answers. Values reach them only as server-side parameters (`{since:DateTime}`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Statement:
    name: str
    answers: str
    text: str


class Statements:
    """The statements of one file, by name. A missing one stops the program where it is asked for: at import."""

    def __init__(self, package: str, subject: str) -> None:
        self.source = f"{package}/sql/{subject}.sql"
        text = (files(package) / "sql" / f"{subject}.sql").read_text("utf-8")
        self._by_name = {statement.name: statement for statement in _parse(text)}

    def __getitem__(self, name: str) -> str:
        if name not in self._by_name:
            raise LookupError(f"{self.source} has no statement named {name}")
        return self._by_name[name].text

    def __iter__(self) -> Iterator[Statement]:
        return iter(self._by_name.values())


def _parse(text: str) -> Iterator[Statement]:
    parts = _NAME.split(text)
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        lines = body.strip().rstrip(";").splitlines()
        comment = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
        if not comment:
            raise ValueError(f"statement {name} does not say what it answers")
        yield Statement(name, " ".join(comment), "\n".join(lines))
