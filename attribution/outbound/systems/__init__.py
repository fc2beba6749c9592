"""One module an ad system, found by its being here: how conversions are handed to it, and what it says of them."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import cast

from attribution.outbound.system import AdSystem
from infra.errors import NotFound


@cache
def ad_systems() -> dict[str, AdSystem]:
    """By slug, in order."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    known = (cast(AdSystem, module.SYSTEM) for module in modules if hasattr(module, "SYSTEM"))
    return {each.slug: each for each in sorted(known, key=lambda each: each.slug)}


def ad_system(slug: str) -> AdSystem:
    """Raises `NotFound`."""
    if slug not in ad_systems():
        names = ", ".join(ad_systems())
        raise NotFound(f"There is no ad system {slug!r}.", where="system", help=f"The ad systems are {names}.")
    return ad_systems()[slug]
