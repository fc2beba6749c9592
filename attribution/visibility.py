"""Who sees which rows: those of some dealers, of some contractors, or all.

Law: what is not said to be seen is not. No dealers is a limit, too: it shows nothing.
"""

from dataclasses import dataclass
from typing import Any

from attribution.dimensions import NO_TOUCH, NONE
from attribution.question import Condition
from infra.errors import NotPermitted

NOBODYS = frozenset({"", NONE, NO_TOUCH})


@dataclass(frozen=True, slots=True)
class Visibility:
    """Rows of one of `dealers` and of one of `contractors`, by their ids; None is all, those without any included.

    Raises `ValueError` for a name by which reports write that there is none: such rows are nobody's.
    """

    dealers: frozenset[str] | None = None
    contractors: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if NOBODYS & ((self.dealers or frozenset()) | (self.contractors or frozenset())):
            raise ValueError("Rows without a dealer or a contractor are nobody's.")

    @property
    def is_everything(self) -> bool:
        return self.dealers is None and self.contractors is None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """As the ROMI/CPL report takes them in `where`; one without values lets nothing through."""
        told = (("dealer", self.dealers), ("contractor", self.contractors))
        return tuple(Condition(name, tuple(sorted(names))) for name, names in told if names is not None)

    @property
    def parameters(self) -> dict[str, Any]:
        """As statements take them: a list is looked at unless the flag beside it says that all are seen."""
        return {
            "sees_all_dealers": self.dealers is None,
            "seen_dealers": sorted(self.dealers or ()),
            "sees_all_contractors": self.contractors is None,
            "seen_contractors": sorted(self.contractors or ()),
        }

    def sees_dealer(self, dealer: str) -> bool:
        return self.dealers is None or dealer in self.dealers

    def sees_contractor(self, contractor: str) -> bool:
        return self.contractors is None or contractor in self.contractors

    def check_sees_everything(self, report: str, instead: str) -> None:
        """Raises `NotPermitted` where anything is hidden; `instead` says what can be opened."""
        if not self.is_everything:
            raise NotPermitted(f"{report} is of the whole holding, of which you see a part.", help=instead)

    def check_sees_all_contractors(self, report: str, instead: str) -> None:
        """Raises `NotPermitted` where contractors are hidden; `instead` says what can be opened."""
        if self.contractors is not None:
            raise NotPermitted(f"{report} does not tell contractors apart.", help=instead)


EVERYTHING = Visibility()
