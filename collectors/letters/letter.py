"""A letter as its reader sees it: who wrote it, when, about what, and its text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from html import unescape
from typing import cast

_LINE_ENDS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^>]*>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style|head)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
_NOBODY = re.compile(r"(no-?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?|robot|notifications?)([+.-].*)?@")


@dataclass(frozen=True, slots=True)
class Letter:
    """`key` is its Message-ID, empty where it has none; `written_at` is in UTC, None where its date cannot be read.

    `recipients` are addresses that it was delivered or written to, in lower case. An `automatic` letter was written by
    no person to this one: an answering machine's, a mailing list's, a report of delivery.
    """

    key: str
    sender: str
    subject: str
    written_at: datetime | None
    text: str
    name: str = ""
    recipients: tuple[str, ...] = ()
    automatic: bool = False


def read_letter(raw: bytes) -> Letter:
    """From RFC 5322 bytes, whatever their encodings; of HTML alone the text is taken."""
    message = message_from_bytes(raw, policy=policy.default)
    name, sender = parseaddr(str(message.get("From", "")))
    sender = sender.lower()
    return Letter(
        key=str(message.get("Message-ID", "")).strip().strip("<>"),
        sender=sender,
        subject=str(message.get("Subject", "")),
        written_at=_written_at(message),
        text=_text(message),
        name=name.strip(),
        recipients=tuple(dict.fromkeys(_recipients(message))),
        automatic=_is_automatic(message, sender),
    )


def _recipients(message: EmailMessage) -> Iterator[str]:
    for header in _TO:
        for _, address in getaddresses([str(value) for value in message.get_all(header, [])]):
            if address:
                yield address.lower()


def _is_automatic(message: EmailMessage, sender: str) -> bool:
    """As RFC 3834 and mailing lists (RFC 2919) say it, and by names that no person has."""
    submitted = str(message.get("Auto-Submitted", "no")).strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    return (
        not submitted.startswith("no")
        or precedence in ("bulk", "list", "junk", "auto_reply")
        or "List-Id" in message
        or not sender
        or _NOBODY.match(sender) is not None
    )


def _written_at(message: EmailMessage) -> datetime | None:
    found = getattr(message.get("Date"), "datetime", None)
    if not isinstance(found, datetime):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    try:
        content = str(body.get_content())
    except (LookupError, UnicodeDecodeError):  # a character set that nobody knows
        content = cast(bytes, body.get_payload(decode=True)).decode("utf-8", "replace")
    return _without_tags(content) if body.get_content_type() == "text/html" else content


def _without_tags(html: str) -> str:
    plain = _TAG.sub(" ", _LINE_ENDS.sub("\n", _HIDDEN.sub("", html)))
    return "\n".join(" ".join(line.split()) for line in unescape(plain).splitlines() if line.strip())
