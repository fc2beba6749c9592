"""Random secrets that are shown once, of which only a hash is kept: they cannot be guessed, so a plain hash will do."""

import hashlib
import secrets


def new_token(prefix: str = "") -> str:
    return prefix + secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """64 hex digits."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
