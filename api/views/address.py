"""Addresses of pages that can be saved. Nothing leads away from this service: the pages are known by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from infra.errors import InvalidInput

REPORTS = (
    "romi", "dealers", "contractors", "self-reported", "funnel", "lost-leads", "cohorts", "maturity", "open-deals",
    "calls", "cost-matching", "offline", "models",
)  # fmt: skip
PAGES: Mapping[str, str] = {
    "/overview": "page of the overview",
    "/channels": "romi",
    "/dealers": "page of dealers",
    "/contractors": "page of contractors",
    "/funnel": "page of the funnel",
    "/funnel/lost": "page of lost leads",
    "/funnel/calls": "page of calls",
    "/managers": "page of managers",
    "/managers/products": "page of products",
    "/journeys": "page of journeys",
    "/journeys/cohorts": "page of cohorts",
    "/sources": "page of sources",
    **{f"/api/reports/{name}": name for name in REPORTS},
}
"""The report on each page; what has no page of its own stands under the address of its report."""

PAGES_OF_ONE: Mapping[str, str] = {"/dealers/": "page of a dealer", "/contractors/": "page of a contractor"}
"""The report on pages of which there is one for each name, by how their addresses begin."""

_LONGEST, _LONGEST_PATH = 4000, 200
_OF_DAYS = ("from", "to", "period")


@dataclass(frozen=True, slots=True)
class ViewAddress:
    """A page of ours with its parameters, in their order; some may come several times. `path` is not escaped."""

    path: str
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def report(self) -> str:
        """The name of the report that stands there."""
        return report_at(self.path)

    @property
    def of_one(self) -> str:
        """Whose page it is, where there is one for each name; else empty."""
        begin = next((each for each in PAGES_OF_ONE if self.path.startswith(each)), self.path)
        return self.path.removeprefix(begin)

    @property
    def query(self) -> str:
        return urlencode(self.parameters)

    @property
    def text(self) -> str:
        path = quote(self.path)
        return f"{path}?{self.query}" if self.parameters else path

    def get(self, name: str, otherwise: str = "") -> str:
        """The last of that name; an empty one is as good as none."""
        return dict(self.parameters).get(name) or otherwise

    def joined(self, name: str, otherwise: str = "") -> str:
        """All of that name, with commas between."""
        return ",".join(value for key, value in self.parameters if key == name and value) or otherwise

    def number(self, name: str, otherwise: int) -> int:
        """Raises `InvalidInput`, naming the parameter."""
        text = self.get(name)
        try:
            return int(text) if text else otherwise
        except ValueError:
            raise InvalidInput(f"{text!r} is no number.", where=name, help="Write a whole number.") from None

    def of_days(self, first: str, last: str) -> "ViewAddress":
        """The same of other days."""
        kept = tuple(each for each in self.parameters if each[0] not in _OF_DAYS)
        return ViewAddress(self.path, (*kept, ("from", first), ("to", last)))


def report_at(path: str) -> str:
    """The name of the report on that page; empty where none stands there that could be saved."""
    if path in PAGES:
        return PAGES[path]
    begin = next((each for each in PAGES_OF_ONE if path.startswith(each) and path != each), "")
    strays = any(step in (".", "..") for step in path.split("/")) or not path.isprintable()
    return "" if strays or len(path) > _LONGEST_PATH else PAGES_OF_ONE.get(begin, "")


def read_address(text: str) -> ViewAddress:
    """`/channels?by=dealer`: a page that can be saved, of this service. Raises `InvalidInput`."""
    parts = urlsplit(text)
    path = unquote(parts.path)
    if len(text) > _LONGEST or parts.scheme or parts.netloc or not report_at(path):
        raise InvalidInput(
            f"{text[:100]!r} is no page that can be saved.",
            where="address",
            help="Give the address of a page without the server's name; the pages are "
            f"{', '.join(PAGES)}, and those of one dealer or contractor.",
        )
    return ViewAddress(path, tuple(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100)))
