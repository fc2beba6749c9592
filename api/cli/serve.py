"""`closedloop serve`: the service, all roles in one process or one of them."""

import contextlib
import signal
import socket
from typing import Annotated

import typer
import uvicorn
from threadpoolctl import threadpool_limits

from api.app import EVERY_ROLE, Role, create_app
from api.background import Background
from api.bootstrap import Services
from api.cli.report import caveats_of, romi_table
from api.cli.sample_holding import fill_with_sample
from api.cli.terminal import console, running_services
from api.cli.workers import run_workers
from api.connections import bounded
from api.exports import as_document
from api.questions import read_question
from attribution.caveats import romi_report_with_caveats
from infra.errors import ClosedLoopError, InvalidSettings
from infra.jobs import Jobs
from infra.logs import write_logs
from infra.settings import Settings


def serve_command(
    sample: Annotated[bool, typer.Option("--sample", help="Fill an empty warehouse with the sample holding.")] = False,
    role: Annotated[list[Role] | None, typer.Option("--role", help="Only these roles; else all of them.")] = None,
) -> None:
    """Collect, load, attribute and show reports, until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both words to stop mean the same
    with running_services() as services, contextlib.ExitStack() as held:
        roles = frozenset(role) if role else EVERY_ROLE
        _check(services, roles)
        services.alone = roles == EVERY_ROLE and services.environment.embedded_warehouse is not None
        door = held.enter_context(bind(services.environment)) if roles & {Role.COLLECTOR, Role.WEB} else None
        if roles & {Role.LOADER, Role.WORKER, Role.WEB, Role.SCHEDULER}:
            services.warehouse  # noqa: B018  # held from here on, or a clear word at once
        services.database  # noqa: B018  # answers now, or a clear word at once
        if services.environment.embedded_warehouse and roles == EVERY_ROLE:
            Jobs(services.database, services.clock).free_all_of_this_host()
        if sample:
            fill_with_sample(services)
            _print_report(services)
        if door:
            _greet(services, roles, door)
        workers = services.environment.collector_workers
        if door and roles == {Role.COLLECTOR} and workers > 1:
            with contextlib.suppress(KeyboardInterrupt):
                run_workers(workers, collect_at, door)
            console.print("Stopped.")
        else:
            _run(services, roles, door)


def collect_at(door: socket.socket) -> None:
    """The work of one of several collectors."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    write_logs()
    with running_services() as services, contextlib.suppress(KeyboardInterrupt):
        services.alone = False
        _serve_http(services, frozenset({Role.COLLECTOR}), door)


def _check(services: Services, roles: frozenset[Role]) -> None:
    services.meanings  # noqa: B018  # known ones, or a clear word at once
    if roles != EVERY_ROLE and roles != {Role.COLLECTOR} and services.environment.embedded_warehouse:
        raise InvalidSettings(
            "Roles can only be separate processes with a ClickHouse server: the embedded warehouse has room for one.",
            where="CLOSEDLOOP_WAREHOUSE",
            help="Set CLOSEDLOOP_WAREHOUSE=clickhouse://user:password@host:8123/database, or leave --role away.",
        )


def bind(settings: Settings) -> socket.socket:
    """The service's address, taken before any work is done; nobody can connect yet."""
    door = None
    try:
        family, kind, _, _, place = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        door = socket.socket(family, kind)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(place)
    except OSError as error:
        if door:
            door.close()
        raise InvalidSettings(
            f"The service cannot listen at {settings.host}:{settings.port}: {error.strerror}.",
            where="CLOSEDLOOP_PORT",
            help="Choose another CLOSEDLOOP_PORT (make run PORT=8001), or another CLOSEDLOOP_HOST.",
        ) from error
    return door


def _run(services: Services, roles: frozenset[Role], door: socket.socket | None) -> None:
    threadpool_limits(
        1, "blas"
    )  # requests are answered side by side: threads within each would only wait for each other
    background = Background(services, roles)
    background.start()
    if not door:
        console.print(f"At work: {', '.join(sorted(roles))}. Ctrl-C stops it.", highlight=False)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            if door:
                _serve_http(services, roles, door)
            else:
                background.wait()
    finally:
        background.stop()
        console.print("Stopped.")


def _greet(services: Services, roles: frozenset[Role], door: socket.socket) -> None:
    settings = services.environment
    address = f"http://{settings.host}:{door.getsockname()[1]}"
    console.print(f"\n[bold]Closed Loop is at {address}[/]", highlight=False)
    if Role.WEB in roles:
        console.print(f"  admin link  {address}/?key={services.api_key}", highlight=False, soft_wrap=True)
    if Role.COLLECTOR in roles:
        console.print(f"  write key   {services.write_key}", highlight=False, soft_wrap=True)
    console.print(f"  data        {settings.data}\n  Ctrl-C stops it.\n", highlight=False, soft_wrap=True)


def _serve_http(services: Services, roles: frozenset[Role], door: socket.socket) -> None:
    config = uvicorn.Config(
        create_app(services, roles),
        http=bounded(services.environment.request_seconds),
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run(sockets=[door])


def _print_report(services: Services) -> None:
    today = services.clock.now().astimezone(services.environment.zone).date()
    question = read_question("channel", "last_non_direct", "conversion", "leads", "", "", today)
    with contextlib.suppress(ClosedLoopError):
        report = as_document(romi_report_with_caveats(services.warehouse, question, services.settings))
        console.print(romi_table(question, report, services.settings.currency, caveats_of(report)))
