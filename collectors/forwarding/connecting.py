"""Connecting a CRM that leads are forwarded to: what is asked for, and checking what was told before it is kept."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from collectors.forwarding.system import CrmSystem
from collectors.forwarding.target import Options, Target, read_options
from collectors.sources.register import SourceRegister
from collectors.vendors.base import Ask
from infra.errors import InvalidInput

_GENERAL = tuple(name for name in Options.model_fields if name != "account")


def asked_by(system: CrmSystem) -> tuple[Ask, ...]:
    """Everything that connecting asks for, in order."""
    whose = f"Id of the connected source of {system.title}" if system.vendor else "Id of the source by which it tells"
    return (
        Ask("source", whose, default=system.vendor, required=bool(system.vendor)),
        *system.asks,
        Ask("kinds", "Kinds of leads", default="form,call,chat,email,messenger"),
        Ask("calls", "Calls to tracking numbers: none, missed, answered or all", default="none"),
        Ask("dealers", "Only leads of these dealers; empty: all", required=False),
        Ask("sources", "Only leads that these sources brought; empty: all", required=False),
        Ask("junk", "Junk and duplicates too: yes or no", default="no"),
        Ask("answers", "What else the form asked: yes or no", default="yes"),
        Ask("repeat_minutes", "Minutes within which the same person at the same dealer is one lead", default="30"),
        Ask("card_days", "Days that the link to the visit's card is good for", default="90"),
        Ask("since", "Only leads from this moment on; empty: now", required=False),
    )


def make_target(key: str, system: CrmSystem, told: Mapping[str, str], sources: SourceRegister, now: datetime) -> Target:
    """Raises `InvalidInput`, naming the setting that is missing, unknown or wrong; `NotFound` for the source."""
    asks = {ask.name: ask for ask in asked_by(system)}
    for name in told:
        if name not in asks:
            raise InvalidInput(
                f"{system.title} asks for no setting {name!r}.", where=name, help=f"The settings are {', '.join(asks)}."
            )
    values = {name: _text_of(ask, told.get(name) or ask.default) for name, ask in asks.items()}
    for name, ask in asks.items():
        if ask.required and not values[name]:
            raise InvalidInput(f"{name} is missing: {ask.title}.", where=name, help=f"Give it: --set {name}=…")
    if values["source"] and system.vendor and sources.get(values["source"]).vendor != system.vendor:
        raise InvalidInput(
            f"{values['source']} is no source of {system.title}.", where="source", help="`closedloop sources list`."
        )
    general: dict[str, Any] = {name: values[name] for name in _GENERAL} | {"since": values["since"] or now}
    secrets = {ask.name: values[ask.name] for ask in system.asks if ask.secret and values[ask.name]}
    account = {ask.name: values[ask.name] for ask in system.asks if not ask.secret and values[ask.name]}
    target = Target(key, system.slug, read_options({**general, "account": account}), secrets)
    system.examine(target)
    return target


def _text_of(ask: Ask, value: str) -> str:
    if not (ask.may_be_file and value.startswith("@")):
        return value
    try:
        return Path(value[1:]).read_text("utf-8")
    except OSError as error:
        raise InvalidInput(
            f"{value[1:]} cannot be read: {error.strerror}.", where=ask.name, help="Name a file that is there: @FILE."
        ) from error
