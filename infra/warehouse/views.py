"""Views of the warehouse: `<package>/views/<name>.sql`, a query each, brought to what the files say at every start.

A view may be asked within another one. The engine would plan each of them apart, and those within them again: most of
the time that a small question takes. So views are put into the warehouse flat, with the queries of those that they ask
in place of the names; whoever asks a view has one level to plan.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from infra.sql import Statements
from infra.warehouse.client import Warehouse

_SQL = Statements("infra", "views")
_ASKED = re.compile(r"\b(from|join)(\s+)(\w+)\b(?!\.)", re.IGNORECASE)
_NAMED = re.compile(r"\s+as\s+\w+", re.IGNORECASE)
_ARGUMENT = re.compile(r"(\w+)\s*=\s*(.+)", re.DOTALL)
_COMMA = re.compile(r",(?![^(]*\))")


@dataclass(frozen=True, slots=True)
class View:
    name: str
    query: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.query.encode()).hexdigest()[:16]


def find_views(packages: Sequence[str]) -> Iterator[View]:
    """The views as their files say them, by name within a package."""
    for package in packages:
        folder = files(package) / "views"
        if folder.is_dir():
            for file in sorted(folder.iterdir(), key=lambda item: item.name):
                yield View(file.name.removesuffix(".sql"), _without_comment(file.read_text("utf-8")))


def flat(views: Sequence[View]) -> list[View]:
    """The same views, none of which asks another one."""
    queries = {view.name: view.query for view in views}
    return [View(view.name, _expanded(view.query, queries)) for view in views]


def define_views(warehouse: Warehouse, packages: Sequence[str], *, anew: bool = False) -> list[str]:
    """Create the views that are not there as the files say them, or all of them `anew`, and return their names.

    Each bears the checksum of its query as its comment.
    """
    there = {row["name"]: row["comment"] for row in warehouse.rows(_SQL["list_views"])}
    on_cluster = f" on cluster '{warehouse.cluster}'" if warehouse.cluster else ""
    wanted = [view for view in flat(list(find_views(packages))) if anew or there.get(view.name) != view.checksum]
    for view in wanted:
        warehouse.command(f"create or replace view {view.name}{on_cluster} as\n{view.query}\ncomment '{view.checksum}'")
    return [view.name for view in wanted]


def _without_comment(text: str) -> str:
    return "\n".join(line for line in text.strip().splitlines() if not line.lstrip().startswith("--"))


def _expanded(query: str, queries: Mapping[str, str]) -> str:
    """The query with those of the views in place of their names. What a view is given stands for its parameters."""
    parts, end = [], 0
    for asked in _ASKED.finditer(query):
        name = asked[3]
        if name not in queries or asked.start() < end:
            continue
        given, after = _given(query, asked.end())
        inner = _expanded(queries[name], queries)
        for parameter, value in given.items():
            inner = value.join(re.split(rf"\{{{parameter}:[^}}]+\}}", inner))
        alias = "" if _NAMED.match(query, after) else f" as {name}"
        parts.append(f"{query[end : asked.start()]}{asked[1]}{asked[2]}(\n{inner}\n){alias}")
        end = after
    return "".join(parts) + query[end:]


def _given(query: str, start: int) -> tuple[dict[str, str], int]:
    """The values of a view's parameters, told in brackets from `start` on, and where what follows begins."""
    if query[start : start + 1] != "(":
        return {}, start
    depth, end = 0, start
    for end in range(start, len(query)):
        depth += {"(": 1, ")": -1}.get(query[end], 0)
        if depth == 0:
            break
    told = (_ARGUMENT.fullmatch(each.strip()) for each in _COMMA.split(query[start + 1 : end]))
    return {each[1]: each[2] for each in told if each}, end + 1
