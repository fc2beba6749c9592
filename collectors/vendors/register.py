"""Every vendor that is known: the modules of this package that hold a `VENDOR`."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import cast

import collectors.vendors as package
from collectors.vendors.base import Vendor
from infra.errors import NotFound


@cache
def vendors() -> dict[str, Vendor]:
    """By slug, in order."""
    modules = (import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__))
    known = (cast(Vendor, module.VENDOR) for module in modules if hasattr(module, "VENDOR"))
    return {each.slug: each for each in sorted(known, key=lambda each: each.slug)}


def vendor(slug: str) -> Vendor:
    """Raises `NotFound`."""
    if slug not in vendors():
        raise NotFound(f"There is no vendor {slug!r}.", where="vendor", help=f"The vendors are {', '.join(vendors())}.")
    return vendors()[slug]
