"""A letter as its reader sees it: who wrote it, when, about what, and its text."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from html import unescape
from typing import cast

_LINE_ENDS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^>]*>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style|head)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Letter:
    """`key` is its Message-ID, empty where it has none; `written_at` is in UTC, None where its date cannot be read."""

    key: str
    sender: str
    subject: str
    written_at: datetime | None
    text: str


def read_letter(raw: bytes) -> Letter:
    """From RFC 5322 bytes, whatever their encodings; of HTML alone the text is taken."""
    message = message_from_bytes(raw, policy=policy.default)
    return Letter(
        key=str(message.get("Message-ID", "")).strip().strip("<>"),
        sender=parseaddr(str(message.get("From", "")))[1].lower(),
        subject=str(message.get("Subject", "")),
        written_at=_written_at(message),
        text=_text(message),
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
