"""Where tests connect a vendor, deliver its webhooks, pull its API, and see which events came of it."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import httpx2 as httpx
import orjson
import uvicorn
from fastapi.testclient import TestClient
from starlette.applications import Starlette

from api.bootstrap import Services
from collectors.pulling import Puller
from collectors.rejections import KeptRejection
from collectors.sources.register import new_token
from collectors.sources.source import Source, SourceState
from collectors.vendors.asking import Pace


@dataclass
class Desk:
    """`pauses` are the seconds that pulls would have slept."""

    services: Services
    client: TestClient
    pauses: list[float] = field(default_factory=list)

    def connect(
        self,
        vendor: str,
        *,
        key: str = "north",
        settings: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        timezone: str = "Europe/Moscow",
        vat_included: bool = False,
        dealer: str = "",
    ) -> Source:
        source = Source(
            id=key, vendor=vendor, token=new_token(), timezone=ZoneInfo(timezone), vat_included=vat_included,
            dealer=dealer, settings=settings or {}, secrets=secrets or {},
        )  # fmt: skip
        now = self.services.clock.now()
        self.services.sources.connect(source, author="test", next_pull_at=now)
        return self.services.sources.get(key)

    def deliver(
        self,
        source: Source,
        body: bytes | str = b"",
        *,
        path: str = "",
        method: str = "POST",
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a webhook to the source's address; a body without a content type is a form."""
        address = (
            f"/hooks/{source.vendor}/{source.token}" + (f"/{path}" if path else "") + (f"?{query}" if query else "")
        )
        content = body.encode() if isinstance(body, str) else body
        named = {"content-type": "application/x-www-form-urlencoded"} if content else {}
        return self.client.request(method, address, content=content, headers={**named, **(headers or {})})

    def read(self) -> None:
        """Read what was delivered."""
        translator = self.services.new_translator()
        translator.drain()
        translator.close()

    def pull(self, source: Source) -> SourceState:
        """Pull the source, due or not, and return how it fares then."""
        services = self.services
        services.progress.pull_now(source.id)
        pace = Pace(pause=self.pauses.append, clock=lambda: 0.0)
        puller = Puller(
            services.sources, services.progress, services.intake, services.clock, pace=pace, expenses=services.expenses
        )
        puller.pull_due()
        return self.state(source)

    def state(self, source: Source) -> SourceState:
        return self.services.progress.states()[source.id]

    def events(self, family: str) -> list[dict[str, Any]]:
        """The newest version of each event in the log, in order of ids, without its time of receipt."""
        reader = self.services.log.consumer("desk", [family])
        newest: dict[str, dict[str, Any]] = {}
        while records := reader.poll(0.05, 100_000):
            for record in records:
                for line in record.value.split(b"\n"):
                    event = orjson.loads(line)
                    event.pop("received_at")
                    newest[event["id"]] = event
        reader.rewind()
        reader.close()
        return [newest[key] for key in sorted(newest)]

    def rejections(self) -> list[KeptRejection]:
        return self.services.rejections.list_open()[0]


@contextmanager
def serving_fake(app: Starlette) -> Iterator[str]:
    """The address of a real HTTP server that stands in for a vendor's API."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
