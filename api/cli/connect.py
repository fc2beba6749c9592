"""`closedloop connect`: set a source up, step by step, and prove that events come in."""

import time
from typing import Annotated

import typer

from api.bootstrap import Services
from api.cli.terminal import ask_for, console, problems, read_setting, running_services
from api.questions import read_zone
from api.sources_view import address_of
from collectors.sources.connecting import new_source, unanswered, vendor_and_answers
from collectors.sources.source import Source, SourceState
from collectors.vendors.base import Vendor
from collectors.vendors.register import vendor
from collectors.vendors.webhook import preset_of
from infra.errors import InvalidInput

_AUTHOR = "command line"


def connect_command(
    name: Annotated[
        str, typer.Argument(metavar="VENDOR", help="A vendor or a preset; `closedloop vendors` lists them.")
    ],
    key: Annotated[str, typer.Option("--id", help="How the source is called here; else the vendor's name.")] = "",
    given: Annotated[
        list[str] | None, typer.Option("--set", help="name=value: a setting that is then not asked for.")
    ] = None,
    timezone: Annotated[str, typer.Option(help="Zone of its times that name none; else the account's.")] = "",
    vat_included: Annotated[bool, typer.Option("--vat-included", help="Its costs hold VAT.")] = False,
    dealer: Annotated[str, typer.Option(help="Dealer of its events that name none.")] = "",
    wait: Annotated[int, typer.Option(min=0, help="Seconds to wait for its first webhook; 0: do not wait.")] = 120,
) -> None:
    """Connect a source, or change one: asks what it needs, says what to do at the vendor's, and tries it."""
    with running_services() as services:
        known, answers = vendor_and_answers(name)
        answers |= dict(read_setting(text) for text in given or [])
        answers |= ask_for(unanswered(known, answers))
        zone = read_zone(timezone, "--timezone") if timezone else services.settings.zone
        source = new_source(
            key or name.replace("_", "-"), known, answers, timezone=zone, vat_included=vat_included, dealer=dealer
        )
        # A pull of another process must not begin before this one has tried it.
        services.sources.connect(source, author=_AUTHOR, next_pull_at=None)
        source = services.sources.get(source.id)
        console.print(f"[bold]{source.id}[/] is connected.", highlight=False)
        tell_how(services, source)
        _prove(services, source, known, wait)


def tell_how(services: Services, source: Source) -> None:
    """What is to be done at the vendor's."""
    known = vendor(source.vendor)
    guide = preset_of(source).guide if "preset" in source.settings else ""
    places = {"{address}": address_of(services, source), "{base}": services.settings.address, "{key}": source.token}
    text = guide or known.guide
    for place, value in places.items():
        text = text.replace(place, value)
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def try_pull(services: Services, source: Source) -> SourceState:
    """Pull now. Raises `InvalidInput` with what the vendor, or its answer, objected to."""
    if not services.puller.pull_now(source.id):
        raise InvalidInput(
            "The service is pulling this source just now.", help="Look at it with `closedloop sources list`."
        )
    state = services.progress.states()[source.id]
    if state.error:
        raise InvalidInput(state.error, help="Correct the settings and run the command again; nothing is lost.")
    return state


def _prove(services: Services, source: Source, known: Vendor, wait: int) -> None:
    if known.every:
        with problems.status("Asking its API …"):
            state = try_pull(services, source)
        console.print(f"Its API answers: {state.accepted:,} events came.", highlight=False)
    if known.has_webhook and wait:
        _await_delivery(services, source, wait)


def _await_delivery(services: Services, source: Source, wait: int) -> None:
    """Watch for the first webhook; the service that takes it in may be another process."""
    until = time.monotonic() + wait
    with problems.status(
        f"Waiting up to {wait} s for a webhook: send a test from the vendor's side (Ctrl-C: not now) …"
    ):
        try:
            while time.monotonic() < until:
                state = services.progress.states()[source.id]
                if state.last_delivery_at:
                    break
                time.sleep(0.5)
        except KeyboardInterrupt:
            return
    if not state.last_delivery_at:
        console.print(
            f"No webhook came. `closedloop sources show {source.id}` tells the address again.", highlight=False
        )
    elif state.error:
        raise InvalidInput(state.error, help="Correct the settings, and send the test again.")
    else:
        console.print("Its webhook arrives.", highlight=False)
