"""A mail box that sites, classifieds and customers write to, read over IMAP.

Letters stay as they are, unread ones unread. A letter that fits a template and names a phone or an e-mail is a lead,
known by its Message-ID; the first template that fits counts. So is every letter that a person wrote to a tracked
address, whose visit number names the visitor. Every other letter is passed by.
"""

import imaplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from collectors.deliveries import Delivery
from collectors.letters.addresses import SentTo, TrackedAddresses
from collectors.letters.letter import Letter, read_letter
from collectors.letters.template import Template, first_phone, template
from collectors.sources.source import Source, Told
from collectors.vendors.base import Ask, Level, Page, Pull, PulledVendor
from infra.errors import InvalidInput, VendorRefused, VendorUnavailable

_AT_ONCE = 50
_TIMEOUT = 30
_AGAIN = 60.0


class Mailbox(PulledVendor):
    slug = "mailbox"
    title = "Mail box of requests (IMAP)"
    level = Level.DOCUMENTED
    asks = (
        Ask("host", "IMAP server"),
        Ask("port", "Port", default="993"),
        Ask("tls", "TLS from the start: yes or no", default="yes"),
        Ask("user", "User"),
        Ask("password", "Password of the application", secret=True),
        Ask("folder", "Folder that holds requests only", default="INBOX"),
        Ask("templates", "Templates by name, with commas between, or a .toml file", default="any", may_be_file=True),
        Ask("country", "Country of phones without a country code", default="RU"),
        Ask("addresses", "Tracked addresses, as sales+{visit}@dealer.example, with commas between", required=False),
    )
    guide = (
        "Let the site's or classified's letters about requests go into a folder of their own; it is read every minute."
    )
    every = timedelta(minutes=1)

    def examine(self, source: Source) -> None:
        _templates(source)
        TrackedAddresses(source.settings.get("addresses", ""))
        if not source.settings["port"].isdecimal():
            raise InvalidInput(f"{source.settings['port']!r} is no port.", where="port")

    def pull(self, pull: Pull) -> Iterator[Page]:
        chosen = _templates(pull.source)
        tracked = TrackedAddresses(pull.source.settings.get("addresses", ""))
        with _opened(pull.source) as box:
            validity = _validity(box, pull.source.settings["folder"])
            known = pull.cursor if pull.cursor.get("validity") == validity else {}
            newest = int(known.get("uid", 0))
            uids = [uid for uid in _uids(box, newest + 1) if uid > newest]
            for start in range(0, len(uids), _AT_ONCE):
                part = uids[start : start + _AT_ONCE]
                letters = [read_letter(raw) for raw in _fetch(box, part)]
                found = [told for letter in letters if (told := _told(pull, chosen, tracked, letter))]
                yield Page(found, {"validity": validity, "uid": part[-1]})

    def read(self, source: Source, delivery: Delivery) -> Sequence[Told]:
        return ()


def _told(pull: Pull, chosen: Sequence[Template], tracked: TrackedAddresses, letter: Letter) -> Told | None:
    fitting = next((each for each in chosen if each.fits(letter)), None)
    source = pull.source
    lead = fitting.read(letter, source.settings.get("country", "RU")) if fitting else {}
    sent = tracked.of(letter)
    if sent and not letter.automatic and not (fitting and fitting.sender) and not tracked.is_colleague(letter.sender):
        lead = _written_by_customer(letter, sent, lead, source.settings.get("country", "RU"))
    if not lead.get("phone") and not lead.get("email"):
        return None
    lead |= {"id": source.key("letter", letter.key or _own_key(letter)), "created_at": letter.written_at or pull.now}
    return Told("leads", lead)


def _written_by_customer(letter: Letter, sent: SentTo, read: dict[str, Any], country: str) -> dict[str, Any]:
    """What a template read goes before what the letter's head says."""
    said = {"kind": "email", "email": letter.sender, "name": letter.name, "phone": first_phone(letter.text, country)}
    about = {"subject": letter.subject, "sender": letter.sender, "sent_to": sent.address}
    number = {"closedloop_number": sent.number} if sent.number else {}
    named = {name: value for name, value in read.items() if value}
    return said | named | {"properties": about | read.get("properties", {}) | number}


def _own_key(letter: Letter) -> str:
    return f"{letter.sender}:{letter.written_at}:{letter.subject}"[:150]


def _templates(source: Source) -> list[Template]:
    told = source.settings["templates"]
    if "\n" in told:
        return [Template.parse(told, source.id)]
    return [template(name.strip()) for name in told.split(",") if name.strip()]


@contextmanager
def _opened(source: Source) -> Iterator[imaplib.IMAP4]:
    settings = source.settings
    kind: Any = imaplib.IMAP4_SSL if settings["tls"] != "no" else imaplib.IMAP4
    try:
        box = kind(settings["host"], int(settings["port"]), timeout=_TIMEOUT)
    except OSError as error:
        raise VendorUnavailable(f"{settings['host']} does not answer: {error}.", retry_after=_AGAIN) from error
    try:
        box.login(settings["user"], source.secrets["password"])
        yield box
    except imaplib.IMAP4.abort as error:
        raise VendorUnavailable(f"{settings['host']} broke off.", retry_after=_AGAIN) from error
    except imaplib.IMAP4.error as error:
        raise VendorRefused(
            f"{settings['host']} refuses user, password or folder.",
            status=401,
            help="Check them, and connect it again.",
        ) from error
    except OSError as error:
        raise VendorUnavailable(f"{settings['host']} broke off: {error}.", retry_after=_AGAIN) from error
    finally:
        box.shutdown()


def _validity(box: imaplib.IMAP4, folder: str) -> str:
    """Opens the folder for reading only; UIDs mean the same letters as long as this stays the same."""
    status, _ = box.select(f'"{folder}"', readonly=True)
    if status != "OK":
        raise imaplib.IMAP4.error("no such folder")
    _, found = box.response("UIDVALIDITY")
    return (found[0] or b"").decode() if found else ""


def _uids(box: imaplib.IMAP4, first: int) -> list[int]:
    _, found = box.uid("search", f"UID {first}:*")
    return sorted(int(uid) for uid in (found[0] or b"").split())


def _fetch(box: imaplib.IMAP4, uids: Sequence[int]) -> Iterator[bytes]:
    _, parts = box.uid("fetch", ",".join(map(str, uids)), "(BODY.PEEK[])")
    yield from (part[1] for part in parts if isinstance(part, tuple))


VENDOR = Mailbox()
