"""A dealer's site on an origin of its own, whose pages carry the tracker, and the collector that they send to."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from api.app import Role, create_app
from api.bootstrap import Services
from collectors.sources.register import new_token
from collectors.sources.source import Source
from tests.collectors.vendors.desk import serving_fake

POOL = "+79000000101, +79000000102"


@dataclass
class DealerSite:
    """`attributes` stand in the snippet, `head` before it; `bodies` are pages by path; `posted` is what forms sent,
    `query` what stands behind the script's address.
    `pause` lets a while go by."""

    services: Services
    address: str = ""
    tracker: str = ""
    query: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    head: str = ""
    bodies: dict[str, str] = field(default_factory=dict)
    posted: list[dict[str, Any]] = field(default_factory=list)
    pause: Callable[[], None] = lambda: time.sleep(0.03)

    def connect(self, **settings: str) -> Source:
        self.services.sources.connect(
            Source(
                "site", "site", new_token(), ZoneInfo("Europe/Moscow"), settings={"origins": self.address} | settings
            ),
            author="test",
            next_pull_at=None,
        )
        source = self.services.sources.get("site")
        self.attributes.setdefault("key", source.token)
        return source

    def lines(self, family: str) -> list[dict[str, Any]]:
        """Every event of a family in the log, as often as it is there."""
        reader = self.services.log.consumer("dealer-site", [family])
        try:
            found = []
            while records := reader.poll(0.02, 100_000):
                found += [orjson.loads(line) for record in records for line in record.value.split(b"\n")]
            return found
        finally:
            reader.close()

    def await_lines(self, family: str, count: int) -> list[dict[str, Any]]:
        """As soon as there are so many; fewer, or more, fail."""
        self.await_that(lambda: len(self.lines(family)) >= count, f"{count} {family}")
        found = self.lines(family)
        assert len(found) == count, found
        return found

    def await_that(self, holds: Callable[[], bool], what: str) -> None:
        for _ in range(300):
            if holds():
                return
            self.pause()
        raise TimeoutError(what)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/form-target", self._take_form, methods=["POST"]),
                Route("/{path:path}", self._page),
            ]
        )

    def _page(self, request: Request) -> Response:
        path = request.path_params["path"]
        if path == "favicon.ico":
            return Response(status_code=204)
        named = " ".join(f'data-{name}="{value}"' for name, value in self.attributes.items())
        snippet = f'<script async src="{self.tracker}/t.js{self.query}" {named}></script>'
        body = self.bodies.get(path, "")
        return HTMLResponse(
            f"<!doctype html><html><head><meta charset=utf-8><title>{path or 'home'}</title>{self.head}{snippet}</head>"
            f"<body>{body}</body></html>"
        )

    async def _take_form(self, request: Request) -> Response:
        self.posted.append(dict(parse_qsl((await request.body()).decode())))
        return HTMLResponse("<!doctype html><title>thanks</title>Thanks")


@contextmanager
def dealer_site(services: Services) -> Iterator[DealerSite]:
    """The site on `localhost`, the collector on `127.0.0.1`: two sites to a browser."""
    site = DealerSite(services)
    collector = create_app(services, frozenset({Role.COLLECTOR}))
    with serving_fake(collector) as tracker, serving_fake(site.app()) as address:
        site.tracker = tracker
        site.address = address.replace("127.0.0.1", "localhost")
        yield site
