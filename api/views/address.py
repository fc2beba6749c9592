"""Addresses of pages that can be saved. Nothing leads away from this service: the pages are known by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from infra.errors import InvalidInput

REPORTS = (
    "romi", "dealers", "contractors", "self-reported", "funnel", "lost-leads", "cohorts", "maturity", "open-deals",
    "calls", "cost-matching", "offline", "models",
)  # fmt: skip
PAGES: Mapping[str, str] = {
    "/overview": "overview",
    "/channels": "romi",
    **{f"/api/reports/{name}": name for name in REPORTS},
}
"""The report on each page; what has no page of its own stands under the address of its report."""

_LONGEST = 4000
_OF_DAYS = ("from", "to", "period")


@dataclass(frozen=True, slots=True)
class ViewAddress:
    """A page of ours with its parameters, in their order; some may come several times."""

    path: str
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def query(self) -> str:
        return urlencode(self.parameters)

    @property
    def text(self) -> str:
        return f"{self.path}?{self.query}" if self.parameters else self.path

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


def read_address(text: str) -> ViewAddress:
    """`/channels?by=dealer`: a page that can be saved, of this service. Raises `InvalidInput`."""
    parts = urlsplit(text)
    if len(text) > _LONGEST or parts.scheme or parts.netloc or parts.path not in PAGES:
        raise InvalidInput(
            f"{text[:100]!r} is no page that can be saved.",
            where="address",
            help=f"Give the address of a page without the server's name; the pages are {', '.join(PAGES)}.",
        )
    return ViewAddress(parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100)))
