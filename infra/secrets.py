"""Secrets of other systems, stored encrypted.

Fernet (AES-128-CBC with HMAC-SHA256) under a key made of `CLOSEDLOOP_SECRET_KEY`. That setting may hold several keys
with commas between: the first one encrypts, every one decrypts, so that a key can be changed.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from infra.errors import InvalidSettings


class SecretBox:
    def __init__(self, keys: str) -> None:
        self._fernet = MultiFernet([_fernet(key) for key in keys.split(",") if key.strip()])
        self._keys = [key.strip().encode() for key in keys.split(",") if key.strip()]

    def close(self, secrets: Mapping[str, str]) -> bytes:
        return self._fernet.encrypt(orjson.dumps(dict(secrets)))

    def open(self, closed: bytes) -> dict[str, str]:
        """Raises `InvalidSettings` where the key is not the one that they were encrypted with."""
        try:
            found: dict[str, str] = orjson.loads(self._fernet.decrypt(closed))
        except InvalidToken as error:
            raise InvalidSettings(
                "The stored secrets of a source were encrypted with another CLOSEDLOOP_SECRET_KEY.",
                where="CLOSEDLOOP_SECRET_KEY",
                help="Add the former key behind the present one with a comma, or connect the source anew.",
            ) from error
        return found

    def mark(self, text: str) -> str:
        """64 hex digits, the same for the same text, from which nobody without the key can tell or guess it."""
        return _mark(self._keys[0], text)

    def is_mark(self, mark: str, text: str) -> bool:
        """Whether the mark was made of the text, under the present key or a former one."""
        return any(hmac.compare_digest(_mark(key, text).encode(), mark.encode()) for key in self._keys)


def _fernet(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.strip().encode()).digest()))


def _mark(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
