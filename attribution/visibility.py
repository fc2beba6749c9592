"""Which rows somebody sees: those of some dealers, of some contractors, or all."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visibility:
    """None sees all; an empty set sees nothing."""

    dealers: frozenset[str] | None = None
    contractors: frozenset[str] | None = None

    @property
    def is_everything(self) -> bool:
        return self.dealers is None and self.contractors is None


EVERYTHING = Visibility()
