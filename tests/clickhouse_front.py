"""Enough of ClickHouse's HTTP interface over chDB for clickhouse-connect's HTTP client, as a process of its own.

    python -m tests.clickhouse_front FOLDER PORT

Each request has an engine connection of its own, so that its settings touch no other.
"""

import re
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb
import lz4.frame

_NOT_SETTINGS = {
    "query", "database", "default_format", "session_id", "query_id", "client_protocol_version", "wait_end_of_query",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms", "enable_http_compression", "buffer_size",
    "compress", "decompress", "cancel_http_readonly_queries_on_client_close", "user", "password",
    "http_response_headers", "role",
}  # fmt: skip
_FORMAT = re.compile(r"\bformat\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_NATIVE = re.compile(rb"\s*(insert\s+into\s[^\n]*?)\s+format\s+native\s*?\n", re.IGNORECASE)
_UNPACK = {
    "gzip": lambda body: zlib.decompress(body, 31),
    "lz4": lz4.frame.decompress,
}


class Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder = ""

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/ping":
            self._answer(200, b"Ok.\n")
        else:
            self.do_POST()

    def do_POST(self) -> None:
        parameters = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self._body()
        if self.headers.get_content_type() == "multipart/form-data":
            parameters |= _form(self.headers["Content-Type"], body)
            body = b""
        sql = parameters.get("query", "").encode()
        statement = sql + b"\n" + body if sql and body else sql or body
        try:
            answer = self._run(statement, parameters)
        except Exception as error:
            self._fail(str(error))
        else:
            self._answer(200, answer)

    def _run(self, statement: bytes, parameters: dict[str, str]) -> bytes:
        connection = chdb.connect(self.folder)  # type: ignore[no-untyped-call]  # the engine ships no types
        try:
            if parameters.get("database"):
                connection.query(f"use `{parameters['database']}`")
            for name, value in parameters.items():
                if name not in _NOT_SETTINGS and not name.startswith("param_"):
                    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
                    connection.query(f"set {name} = '{quoted}'")
            bound = {name.removeprefix("param_"): value for name, value in parameters.items() if name[:6] == "param_"}
            text = statement[-200:].decode("utf-8", "replace")
            found = _FORMAT.search(text) if statement.lstrip()[:6].lower() != b"insert" else None
            form = found[1] if found else parameters.get("default_format", "TabSeparated")
            with _readable(statement) as query:
                result = connection.query(query, form, params=bound)
            return bytes(result.bytes() or b"")
        finally:
            connection.close()

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            parts = []
            while size := int(self.rfile.readline().strip(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            body = b"".join(parts)
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        unpack = _UNPACK.get(self.headers.get("Content-Encoding", ""))
        return unpack(body) if unpack else body

    def _fail(self, message: str) -> None:
        code = re.search(r"Code: (\d+)", message)
        self._answer(500, message.encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "1002"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-ClickHouse-Summary", "{}")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


def _form(content_type: str, body: bytes) -> dict[str, str]:
    """The fields of a form, which the client sends where parameters are too long for an address."""
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=default)
    assert isinstance(message, EmailMessage)
    return {
        str(part.get_param("name", header="content-disposition")): part.get_content() for part in message.iter_parts()
    }


@contextmanager
def _readable(statement: bytes) -> Iterator[bytes]:
    """Native rows come from a file: the engine drops zero bytes at the end of a statement, and rows may end in some."""
    found = _NATIVE.match(statement)
    if not found:
        yield statement
        return
    with tempfile.NamedTemporaryFile() as rows:
        rows.write(statement[found.end() :])
        rows.flush()
        yield found[1] + f" from infile '{rows.name}' format Native".encode()


class Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle of its question is no trouble of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def main() -> None:
    Front.folder = sys.argv[1]
    keep_open = chdb.connect(Front.folder)  # type: ignore[no-untyped-call]  # the engine lives as long as one connection
    server = Server(("127.0.0.1", int(sys.argv[2])), Front)
    print("ready", flush=True)  # noqa: T201  # the test waits for this word
    server.serve_forever()
    keep_open.close()


if __name__ == "__main__":
    main()
