"""In front of a mail server: passes everything on, and at set moments calls somebody or keeps the answer back."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader


@dataclass
class MailGate:
    """`on_recipient` is called before a recipient is passed on, `on_handed` once the server has taken a letter.

    Where `loses_answers`, the connection ends before the server's word on the letter is passed back.
    """

    port: int
    server_port: int
    on_recipient: Callable[[], object] = lambda: None
    on_handed: Callable[[], object] = lambda: None
    loses_answers: bool = False

    def pass_on(self, client: socket.socket) -> None:
        with (
            suppress(OSError), client, socket.create_connection(("127.0.0.1", self.server_port), timeout=30) as server,
            client.makefile("rb") as asked, server.makefile("rb") as answered,
        ):  # fmt: skip
            client.sendall(answered.readline())
            while line := asked.readline():
                if line.upper().startswith(b"RCPT"):
                    self.on_recipient()
                server.sendall(line)
                answer = _answer(answered)
                client.sendall(answer)
                if answer.startswith(b"354"):
                    self._pass_letter(asked, server)
                    word = _answer(answered)
                    self.on_handed()
                    if self.loses_answers:
                        return
                    client.sendall(word)

    def _pass_letter(self, asked: BufferedReader, server: socket.socket) -> None:
        while line := asked.readline():
            server.sendall(line)
            if line == b".\r\n":
                return


def _answer(server: BufferedReader) -> bytes:
    """All lines of one answer."""
    told = b""
    while line := server.readline():
        told += line
        if line[3:4] != b"-":
            break
    return told


@contextmanager
def mail_gate(server_port: int) -> Iterator[MailGate]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        gate = MailGate(door.getsockname()[1], server_port)
        stopping = threading.Event()

        def let_in() -> None:
            while not stopping.is_set():
                with suppress(OSError):
                    client, _ = door.accept()
                    threading.Thread(target=gate.pass_on, args=(client,), daemon=True).start()

        thread = threading.Thread(target=let_in, daemon=True)
        thread.start()
        yield gate
        stopping.set()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", gate.port), timeout=1).close()
        thread.join(timeout=5)
