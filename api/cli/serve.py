"""`closedloop serve`: the service, all roles in one process or one of them."""

import contextlib
import signal
from typing import Annotated

import typer
import uvicorn

from api.app import EVERY_ROLE, Role, create_app
from api.background import Background
from api.bootstrap import Services
from api.cli.report import romi_table
from api.cli.sample_holding import fill_with_sample
from api.cli.terminal import console, running_services
from api.questions import read_question
from attribution.reports import romi_report
from infra.errors import ClosedLoopError, InvalidSettings
from infra.jobs import Jobs


def serve_command(
    sample: Annotated[bool, typer.Option("--sample", help="Fill an empty warehouse with the sample holding.")] = False,
    role: Annotated[list[Role] | None, typer.Option("--role", help="Only these roles; else all of them.")] = None,
) -> None:
    """Collect, load, attribute and show reports, until Ctrl-C."""
    with running_services() as services:
        roles = frozenset(role) if role else EVERY_ROLE
        _check(services, roles)
        if roles & {Role.LOADER, Role.WORKER, Role.WEB, Role.SCHEDULER}:
            services.warehouse  # noqa: B018  # held from here on, or a clear word at once
        if services.settings.embedded_warehouse and roles == EVERY_ROLE:
            Jobs(services.database, services.clock).free_all_of_this_host()
        if sample:
            fill_with_sample(services)
            _print_report(services)
        _run(services, roles)


def _check(services: Services, roles: frozenset[Role]) -> None:
    if roles != EVERY_ROLE and roles != {Role.COLLECTOR} and services.settings.embedded_warehouse:
        raise InvalidSettings(
            "Roles can only be separate processes with a ClickHouse server: the embedded warehouse has room for one.",
            where="CLOSEDLOOP_WAREHOUSE",
            help="Set CLOSEDLOOP_WAREHOUSE=clickhouse://user:password@host:8123/database, or leave --role away.",
        )


def _run(services: Services, roles: frozenset[Role]) -> None:
    background = Background(services, roles)
    background.start()
    try:
        if roles & {Role.COLLECTOR, Role.WEB}:
            _serve_http(services, roles)
        else:
            signal.signal(signal.SIGTERM, lambda *_: background.stop())
            with contextlib.suppress(KeyboardInterrupt):
                background.wait()
    finally:
        background.stop()
        console.print("Stopped.")


def _serve_http(services: Services, roles: frozenset[Role]) -> None:
    settings = services.settings
    address = f"http://{settings.host}:{settings.port}"
    console.print(f"\n[bold]Closed Loop is at {address}[/]", highlight=False)
    if Role.WEB in roles:
        console.print(f"  admin link  {address}/?key={services.api_key}", highlight=False, soft_wrap=True)
    if Role.COLLECTOR in roles:
        console.print(f"  write key   {services.write_key}", highlight=False, soft_wrap=True)
    console.print(f"  data        {settings.data}\n  Ctrl-C stops it.\n", highlight=False, soft_wrap=True)
    app = create_app(services, roles)
    server = uvicorn.Server(
        uvicorn.Config(app, host=settings.host, port=settings.port, log_level="warning", timeout_graceful_shutdown=10)
    )
    with contextlib.suppress(KeyboardInterrupt):
        server.run()


def _print_report(services: Services) -> None:
    today = services.clock.now().astimezone(services.settings.zone).date()
    question = read_question("channel", "last_non_direct", "conversion", "leads", "", "", today)
    with contextlib.suppress(ClosedLoopError):
        console.print(
            romi_table(
                romi_report(services.warehouse, question, services.settings.timezone),
                services.settings.currency,
            )
        )
