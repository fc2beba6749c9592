"""What dimensions are called on pages, and in which groups they are offered."""

from collections.abc import Sequence

from api.language import gettext as _
from attribution.catalog import Catalog
from attribution.dimensions import is_property

DIMENSION_GROUPS: Sequence[tuple[str, Sequence[str]]] = (
    ("Marketing", ("channel", "source", "medium", "campaign", "content", "term", "contractor")),
    ("Dealers", ("dealer", "brand", "city")),
    ("Time", ("day", "week", "month", "weekday", "hour")),
    ("Deals", ("kind", "product", "manager", "repeat")),
    ("Visitors", ("device", "region")),
    ("Cost", ("part",)),
)
_TITLES = {
    "term": "Search phrase", "content": "Ad", "kind": "Kind of deal", "repeat": "First or repeat",
    "part": "Part of cost",
}  # fmt: skip


def dimension_title(name: str) -> str:
    """Own dimensions are called as users named them."""
    return _(english_title(name))


def english_title(name: str) -> str:
    return _TITLES.get(name) or name.removeprefix("properties.").replace("_", " ").capitalize()


def dimensions_in_groups(catalog: Catalog, chosen: Sequence[str] = ()) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups with the name and title of each; own ones and chosen properties come last."""
    shipped = [name for _title, names in DIMENSION_GROUPS for name in names]
    own = [name for name in catalog.dimensions if name not in shipped]
    own += [name for name in chosen if is_property(name)]
    groups = [*DIMENSION_GROUPS, *([("Own", own)] if own else [])]
    return [(_(title), [(name, dimension_title(name)) for name in names]) for title, names in groups]
