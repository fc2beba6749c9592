"""Load on a collector, as cheap as can be: `python -m bench.load TOUCHES PORT SECONDS FORM`; FORM is json or ndjson.

Each of several connections sends a batch, waits for its answer, and sends the next one. The batches are made once, of
the sample's touches; what tells them apart, a number within each id, is put in as they are sent.
"""

import asyncio
import re
import sys
import time
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import cast

import orjson
import uvloop

BATCH, BATCHES, CONNECTIONS = 100, 30, 16
_NUMBER = b"##########"
_ID = re.compile(rb'^\{"id":"[^"]*"')


class _Load:
    def __init__(self, bodies: list[bytes], head: bytes, seconds: float) -> None:
        self._bodies = bodies
        self._head = head
        self._numbers = count(time.time_ns() // 10**5 % 10**10)
        self._ends = time.perf_counter() + seconds
        self.latencies: list[float] = []
        self.refused = 0

    def next_request(self) -> bytes | None:
        if time.perf_counter() > self._ends:
            return None
        number = next(self._numbers)
        body = self._bodies[number % len(self._bodies)].replace(_NUMBER, b"%010d" % number)
        return self._head % len(body) + body


class _Connection(asyncio.Protocol):
    def __init__(self, load: _Load, done: asyncio.Future[None]) -> None:
        self._load = load
        self._done = done
        self._answer = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]):
            return
        self._answer = b""
        if head.startswith(b"HTTP/1.1 202"):
            self._load.latencies.append(time.perf_counter() - self._sent)
        else:
            self._load.refused += 1
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)

    def _send(self) -> None:
        request = self._load.next_request()
        if request is None:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)


def main(touches: str, port: str, seconds: str, form: str) -> None:
    load = _Load(_bodies(Path(touches), form), _head(form), float(seconds))
    begin = time.perf_counter()
    uvloop.run(_run(load, int(port)))
    taken = time.perf_counter() - begin
    latencies = sorted(load.latencies)
    found = {
        "events_per_second": len(latencies) * BATCH / taken,
        "accepted": len(latencies) * BATCH,
        "refused": load.refused,
        "p50_ms": latencies[len(latencies) // 2] * 1000,
        "p99_ms": latencies[len(latencies) * 99 // 100] * 1000,
    }
    print(orjson.dumps(found).decode())


async def _run(load: _Load, port: int) -> None:
    loop = asyncio.get_running_loop()
    done = [loop.create_future() for _ in range(CONNECTIONS)]
    for each in done:
        await loop.create_connection(partial(_Connection, load, each), "127.0.0.1", port)
    await asyncio.gather(*done)


def _bodies(path: Path, form: str) -> list[bytes]:
    with path.open("rb") as stream:
        lines = [line.rstrip() for line in islice(stream, BATCH * BATCHES)]
    batches = [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]
    named = [
        [_ID.sub(b'{"id":"%b-%d"' % (_NUMBER, place), line) for place, line in enumerate(each)] for each in batches
    ]
    return [b"[" + b",".join(each) + b"]" if form == "json" else b"\n".join(each) for each in named]


def _head(form: str) -> bytes:
    kind = b"application/json" if form == "json" else b"application/x-ndjson"
    return (
        b"POST /collect/touches HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer w\r\nContent-Type: " + kind
    ) + b"\r\nContent-Length: %d\r\n\r\n"


if __name__ == "__main__":
    main(*sys.argv[1:])
