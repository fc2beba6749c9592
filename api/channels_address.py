"""Where somebody is on the pages of channels, as its address says it: what is asked, the way there, and rows picked."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from api.dimension_titles import dimension_title
from api.language import gettext as _
from api.language import language
from api.questions import as_parameters, read_conditions, read_names, written_conditions
from attribution.dimensions import NO_TOUCH
from attribution.question import Condition, Order, Question
from infra.errors import InvalidInput

REPORT, BESIDE, BEHIND = "/channels", "/channels/models", "/channels/conversions"
BEST_FIRST = Order("romi", descending=True)
MOST_PICKED = 6
_WAY = ("channel", "campaign", "content", "term")
_FIRST_ON_THE_WAY = {"source": "channel", "medium": "channel"}

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Crumb:
    """`address` is empty for where one is."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Place:
    """`path` holds the groupings of each level that was left for the one below it. `picked` are rows of the table.

    `line` is the measure of which each picked row has a line; without one, all of them are drawn together.
    """

    question: Question
    path: tuple[tuple[str, ...], ...] = ()
    picked: tuple[tuple[Condition, ...], ...] = ()
    line: str = ""
    shares: bool = False

    def parameters(self) -> list[tuple[str, str]]:
        """All that its address has, without the page's own limit."""
        asked = as_parameters(replace(self.question, limit=None, offset=0))
        return [
            *asked.items(),
            *(("path", ",".join(level)) for level in self.path),
            *(("pick", written_conditions(row)) for row in self.picked),
            *([("line", self.line)] if self.line else []),
            *([("shares", "1")] if self.shares else []),
        ]

    @property
    def key(self) -> Hashable:
        """Tells it from every other one that has another answer, in this language."""
        catalog = self.question.catalog
        return tuple(self.parameters()), self.question.offset, tuple(sorted(catalog.versions.items())), language()

    def address(self, page: str = REPORT, **more: str) -> str:
        return f"{page}?{urlencode([*self.parameters(), *more.items()])}"

    def without(self, *names: str) -> Pairs:
        """What a form keeps in hidden fields, but for what it asks itself."""
        return [pair for pair in self.parameters() if pair[0] not in names]

    def asking(self, question: Question) -> "Place":
        """Another question at the same level; rows are no longer picked."""
        return replace(self, question=question, picked=())

    def inside(self, row: Mapping[str, str]) -> str:
        """The address one level below a row of the table: the next grouping, or the conversions behind it."""
        by = self.question.by
        deeper = self._next()
        where = narrowed(self.question.where, {name: str(row[name]) for name in by})
        below = replace(self, path=(*self.path, by), picked=())
        if deeper is None or any(row[name] == NO_TOUCH for name in by):
            return replace(below, question=replace(self.question, where=where)).address(BEHIND)
        order = self.question.order
        order = BEST_FIRST if order and order.name in by else order
        return replace(below, question=replace(self.question, by=(deeper,), where=where, order=order)).address()

    def crumbs(self) -> list[Crumb]:
        """The way from the top; the last is where one is."""
        levels = [*self.path, ()]
        return [
            Crumb(self._title(place), self._level(place).address() if place < len(self.path) else "")
            for place in range(len(levels))
        ]

    def _level(self, place: int) -> "Place":
        below = {name for level in self.path[place:] for name in level}
        where = tuple(each for each in self.question.where if each.dimension not in below or each.excluded)
        order = self.question.order
        if order and order.name in self.question.by:
            order = BEST_FIRST
        question = replace(self.question, by=self.path[place], where=where, order=order)
        return replace(self, question=question, path=self.path[:place], picked=())

    def _title(self, place: int) -> str:
        if place == 0:
            return _("All")
        told = {each.dimension: each.values for each in self.question.where if not each.excluded}
        return ", ".join(
            f"{dimension_title(name)}: {' | '.join(told[name])}" if name in told else dimension_title(name)
            for name in self.path[place - 1]
        )

    def _next(self) -> str | None:
        """The grouping below: the first on the way that is neither grouped by nor passed already."""
        passed = {name for level in (*self.path, self.question.by) for name in level}
        passed |= {each.dimension for each in self.question.where if len(each.values) == 1 and not each.excluded}
        passed = {_FIRST_ON_THE_WAY.get(name, name) for name in passed}
        reached = max((_WAY.index(name) for name in passed if name in _WAY), default=-1)
        return _WAY[reached + 1] if reached + 1 < len(_WAY) else None


def read_place(question: Question, path: Sequence[str], picked: Sequence[str], line: str, shares: str) -> Place:
    """Raises `InvalidInput`."""
    rows = tuple(read_conditions(each) for each in dict.fromkeys(filter(None, picked)))
    if len(rows) > MOST_PICKED:
        raise InvalidInput(
            f"{len(rows)} rows are picked.", where="pick", help=f"The chart shows up to {MOST_PICKED}: pick fewer."
        )
    if line:
        question.catalog.measure(line, "line")
    levels = tuple(names for each in path if (names := read_names(each)))
    for name in (name for level in levels for name in level):
        question.catalog.dimension(name, "path")
    return Place(question, levels, rows, line, bool(shares))


def narrowed(where: Sequence[Condition], row: Mapping[str, str]) -> tuple[Condition, ...]:
    """The conditions of a report with those of a row of it: these take the place of what they are stricter than."""
    kept = [each for each in where if each.dimension not in row]
    return (*kept, *(Condition(name, (value,)) for name, value in row.items()))
