"""Phones, e-mails and names as each ad system wants them hashed: three hashes of one phone, all of them right.

Takes what the warehouse keeps: phones in E.164, e-mails in lower case. A spelling answers None for whatever names
nobody: an inner number, `anonymous`, an empty text. So the hash of the empty text, one for everybody, is never made.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from collectors.values import e164, normal_email

_GMAIL = ("gmail.com", "googlemail.com")
_NO_COUNTRY = "ZZ"


@dataclass(frozen=True, slots=True)
class Spelling:
    """One system's way: the digest, in hex; whether phones keep their `+`; whether Gmail's dots and tags go."""

    digest: Literal["md5", "sha256"]
    plus: bool
    plain_gmail: bool

    def phone(self, number: str) -> str | None:
        """The hash of a phone in E.164."""
        known = e164(number, _NO_COUNTRY) if number.startswith("+") else None
        return self._hash(known if self.plus or known is None else known.removeprefix("+"))

    def email(self, address: str) -> str | None:
        known = normal_email(re.sub(r"\s", "", address))
        return self._hash(_plain_gmail(known) if known and self.plain_gmail else known)

    def name(self, text: str) -> str | None:
        """The hash of a given or family name: lower case, no punctuation, letters of any script kept."""
        letters = unicodedata.normalize("NFC", text.lower())
        kept = "".join(each for each in letters if unicodedata.category(each)[0] in "LMN" or each.isspace())
        return self._hash(" ".join(kept.split()))

    def _hash(self, text: str | None) -> str | None:
        return hashlib.new(self.digest, text.encode(), usedforsecurity=False).hexdigest() if text else None


def _plain_gmail(address: str) -> str | None:
    """Gmail reads no dots and no tag behind `+`; for other domains both belong to the name."""
    name, _, domain = address.rpartition("@")
    if domain not in _GMAIL:
        return address
    plain = name.partition("+")[0].replace(".", "")
    return f"{plain}@{domain}" if plain else None


GOOGLE = Spelling("sha256", plus=True, plain_gmail=True)
META = Spelling("sha256", plus=False, plain_gmail=False)
YANDEX = Spelling("md5", plus=False, plain_gmail=False)
