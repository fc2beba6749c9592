"""Addresses that customers write to, with the visit's number in some of them: `sales+{visit}@dealer.example`."""

import re
from dataclasses import dataclass

from collectors.letters.letter import Letter
from collectors.values import normal_email
from infra.errors import InvalidInput

VISIT = "{visit}"
_EXAMPLE = "1234567"
_PUBLIC = frozenset({
    "gmail.com", "googlemail.com", "mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru", "yandex.ru", "ya.ru",
    "yandex.com", "rambler.ru", "ukr.net", "outlook.com", "hotmail.com", "live.com", "icloud.com", "yahoo.com",
    "proton.me",
})  # fmt: skip
"""Hosts whose addresses anybody has."""


@dataclass(frozen=True, slots=True)
class SentTo:
    """The address without the number, and the visit number; empty where it holds none."""

    address: str
    number: str


class TrackedAddresses:
    """Addresses with commas between. Raises `InvalidInput` for what is none."""

    def __init__(self, text: str) -> None:
        written = [part for each in re.split(r"[,;\s]+", text) if (part := each.strip().lower())]
        for each in written:
            check_address(each, numbered=False)
        self._patterns = [(_plain(each), _pattern(each)) for each in written]
        self._hosts = frozenset(each.rpartition("@")[2] for each in written) - _PUBLIC

    def of(self, letter: Letter) -> SentTo | None:
        """The first of the letter's recipients that is tracked."""
        return next((found for each in letter.recipients if (found := self._match(each))), None)

    def is_colleague(self, sender: str) -> bool:
        """Whether somebody writes from one of the addresses, or from a host of the dealer's own."""
        return sender.rpartition("@")[2] in self._hosts or self._match(sender) is not None

    def _match(self, recipient: str) -> SentTo | None:
        for plain, pattern in self._patterns:
            if found := pattern.fullmatch(recipient):
                return SentTo(plain, "".join(found.groups()))
        return None


def check_address(text: str, *, numbered: bool) -> None:
    """Raises `InvalidInput` for what is no address, or has no place for a number where it must have one."""
    if not text:
        return
    whole = text.strip().lower()
    if normal_email(whole.replace(VISIT, _EXAMPLE)) is None or (numbered and VISIT not in whole):
        raise InvalidInput(
            f"{text!r} is no such address.", where="address", help=f"Write one as sales+{VISIT}@dealer.example."
        )


def _plain(written: str) -> str:
    return written.replace(f"+{VISIT}", "").replace(VISIT, "")


def _pattern(written: str) -> re.Pattern[str]:
    return re.compile(re.escape(written).replace(re.escape(VISIT), r"(\d{1,12})"))
