"""Connecting a destination: what is asked for, and checking what was told before it is kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from attribution.outbound.export import Destination
from attribution.outbound.options import Options, read_options
from attribution.outbound.system import AdSystem
from collectors.vendors.base import Ask
from infra.errors import InvalidInput

ADDRESSES = ("base_url", "token_url")
"""Settings that nobody is asked for: other addresses than the system's own, of a proxy or a test."""
_GENERAL = tuple(name for name in Options.model_fields if name != "account")


def asked_by(system: AdSystem) -> tuple[Ask, ...]:
    """Everything that connecting asks for, in order."""
    return (
        *system.asks,
        Ask("conversions", f'Kinds of conversion, and their names at {system.title}, as JSON: {{"sale": "…"}}'),
        Ask("value", "What a conversion is worth: revenue, margin or none", default="revenue"),
        Ask(
            "consent",
            "Whose go out: told (of whom events tell consent) or assumed (who did not refuse)",
            default="told",
        ),
        Ask("since", "First day whose conversions go out; empty: today", required=False),
    )


def make_destination(key: str, system: AdSystem, told: Mapping[str, str], today: date) -> Destination:
    """Raises `InvalidInput`, naming the setting that is missing, unknown or wrong."""
    asks = {ask.name: ask for ask in asked_by(system)}
    for name in told:
        if name not in asks and name not in ADDRESSES:
            raise InvalidInput(
                f"{system.title} asks for no setting {name!r}.", where=name, help=f"The settings are {', '.join(asks)}."
            )
    values = {name: told.get(name) or ask.default for name, ask in asks.items()}
    for name, ask in asks.items():
        if ask.required and not values[name]:
            raise InvalidInput(f"{name} is missing: {ask.title}.", where=name, help=f"Give it: --set {name}=…")
    general: dict[str, Any] = {name: values[name] for name in _GENERAL} | {"since": values["since"] or today}
    secrets = {ask.name: values[ask.name] for ask in system.asks if ask.secret and values[ask.name]}
    account = {ask.name: values[ask.name] for ask in system.asks if not ask.secret and values[ask.name]}
    account |= {name: told[name] for name in ADDRESSES if told.get(name)}
    return Destination(key, system.slug, read_options({**general, "account": account}), secrets)
