"""The options of an address, read into the question for a page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, urlencode

from api.odata.filters import read_filter
from api.odata.tokens import read_token, token_of
from api.questions import read_choice, read_model
from attribution.feed.entities import EntitySet, Property
from attribution.feed.pages import Page, PageQuestion, SortKey
from attribution.feed.predicate import EVERY
from attribution.question import Calendar
from infra.errors import InvalidInput, NotOffered

KNOWN = (
    "$select", "$filter", "$orderby", "$top", "$skip", "$count", "$skiptoken", "$format", "model", "calendar",
)  # fmt: skip
_NOT_OFFERED = ("$apply", "$compute", "$deltatoken", "$expand", "$index", "$levels", "$schemaversion", "$search")
_FORMATS = ("json", "application/json")
USUAL_ROWS, MOST_ROWS = 10_000, 50_000
_MOST_SORTS = 10


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """What was asked: the page, its columns, whether to count, and how many rows of all are wanted at most."""

    question: PageQuestion
    selected: tuple[Property, ...]
    is_selected: bool
    counts: bool
    top: int | None
    told: tuple[tuple[str, str], ...]

    def next_page(self, page: Page) -> str | None:
        """The options that ask for the page behind it; None where there is none."""
        top = None if self.top is None else self.top - len(page.rows)
        if page.last is None or top == 0:
            return None
        kept = {name: value for name, value in self.told if name not in ("$skip", "$count")}
        kept |= {"$top": str(top)} if top is not None else {}
        return urlencode(kept | {"$skiptoken": token_of(page.run, page.last)}, quote_via=quote, safe="$")


def read_options(query: str, entity_set: EntitySet, page_rows: int | None = None) -> FeedOptions:
    """`page_rows` is how many a page has, where the client said so. Raises `InvalidInput`, naming the option."""
    told = options_told(query)
    top = _number(told, "$top")
    rows = page_rows or USUAL_ROWS
    question = PageQuestion(
        entity_set,
        predicate=read_filter(told["$filter"], entity_set) if told.get("$filter", "").strip() else EVERY,
        sort=_sort(told.get("$orderby", ""), entity_set),
        skip=_number(told, "$skip") or 0,
        most=rows if top is None else min(rows, top),
        model=read_model(told.get("model", "last_non_direct")),
        calendar=read_choice(Calendar, told.get("calendar", "conversion"), "calendar"),
    )
    if "$skiptoken" in told:
        kinds = [key.property.is_text for key in question.order]
        run, after = read_token(told["$skiptoken"], kinds)
        question = replace(question, run=run, after=after)
    selected = _selected(told.get("$select", ""), entity_set)
    return FeedOptions(
        question,
        selected or entity_set.properties,
        bool(selected),
        _truth(told, "$count"),
        top,
        tuple(told.items()),
    )


def options_told(query: str) -> dict[str, str]:
    """Raises `InvalidInput` for an option that there is not, that comes twice, or for another form than JSON.

    Raises `NotOffered` for those of the standard that the feed lacks.
    """
    told: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in _NOT_OFFERED:
            raise NotOffered(
                f"The feed does not offer {name}.",
                where=name,
                help=f"Ask for the sets by themselves, and join or sum them there. Options are {', '.join(KNOWN)}.",
            )
        if name not in KNOWN:
            raise InvalidInput(f"There is no option {name}.", where=name, help=f"The options are {', '.join(KNOWN)}.")
        if name in told:
            raise InvalidInput(f"{name} is given twice.", where=name, help="Give it once.")
        told[name] = value
    if told.get("$format", "json").partition(";")[0] not in _FORMATS:
        raise InvalidInput("The feed is written as JSON alone.", where="$format", help="Write $format=json.")
    return told


def _sort(text: str, entity_set: EntitySet) -> tuple[SortKey, ...]:
    found: list[SortKey] = []
    for each in text.split(",") if text.strip() else ():
        name, _, way = each.strip().partition(" ")
        if way.strip() not in ("", "asc", "desc"):
            raise InvalidInput(f"{way.strip()!r} is no direction.", where="$orderby", help="Write Cost desc, Day asc.")
        column = entity_set.property(name, "$orderby")
        if column not in [key.property for key in found]:
            found.append(SortKey(column, way.strip() == "desc"))
    if len(found) > _MOST_SORTS:
        raise InvalidInput("Too many columns to sort by.", where="$orderby", help=f"Write {_MOST_SORTS} at most.")
    return tuple(found)


def _selected(text: str, entity_set: EntitySet) -> tuple[Property, ...]:
    names = [name.strip() for name in text.split(",")] if text.strip() else []
    if "*" in names:
        return ()
    wanted: Sequence[Property] = [entity_set.property(name, "$select") for name in names]
    return tuple(dict.fromkeys(wanted))


def _number(told: dict[str, str], name: str) -> int | None:
    if name not in told:
        return None
    text = told[name].strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput(f"{text!r} is no number of rows.", where=name, help=f"Write {name}=100.")
    return int(text)


def _truth(told: dict[str, str], name: str) -> bool:
    if told.get(name, "false") not in ("true", "false"):
        raise InvalidInput(f"{name} is true or false.", where=name, help=f"Write {name}=true.")
    return told.get(name) == "true"
