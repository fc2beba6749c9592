"""The service at a real address, answering in a thread of the test's own process; and who knows its admin link."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from playwright.sync_api import Page
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from api.bootstrap import Services


@contextmanager
def listening(services: Services, seen: list[str] | None = None) -> Iterator[str]:
    """The address, which answers until the end of the block; paths that are asked for go into `seen`."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        config = uvicorn.Config(
            _noting(create_app(services), seen), log_level="warning", lifespan="off", timeout_graceful_shutdown=5
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def follow_admin_link(page: Page, address: str) -> None:
    """Without the page that it leads to: from here on, the browser is known.

    By a connection of its own: one kept from before may be closed by the server just when it is used again.
    """
    answer = page.context.request.get(f"{address}/?key=r", max_redirects=0, headers={"Connection": "close"})
    assert answer.status == 303, answer.text()


def _noting(app: ASGIApp, seen: list[str] | None) -> ASGIApp:
    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        if seen is not None and scope["type"] == "http":
            seen.append(scope["path"])
        await app(scope, receive, send)

    return noted
