"""Passwords, kept as argon2id hashes with the library's present parameters (RFC 9106, low memory)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from infra.errors import InvalidInput

FEWEST_CHARACTERS = 12
_MOST_CHARACTERS = 200
_hasher = PasswordHasher()


def hashed(password: str) -> str:
    """Raises `InvalidInput` for a password that is too short, too long, or one character again and again."""
    if not FEWEST_CHARACTERS <= len(password) <= _MOST_CHARACTERS or len(set(password)) < FEWEST_CHARACTERS // 2:
        raise InvalidInput(
            "This password is too easy to guess.",
            where="password",
            help=f"Take at least {FEWEST_CHARACTERS} characters, such as four words that do not belong together.",
        )
    return _hasher.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Takes as long where no password is kept, so that nobody learns who has one."""
    try:
        return _hasher.verify(kept or _nobodys(), password[:_MOST_CHARACTERS]) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether the parameters have grown since it was hashed."""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    """Made when it is first needed: to hash takes a tenth of a second, and every command would wait for it."""
    return _hasher.hash("nobody has this password")
