"""The tracker's script as browsers get it: one file, without comments and spaces, packed once.

It is at most 6 KiB when packed, or 7 KiB with those of letters. The readable source stands in `script/`, one subject a
file, in order of names; what only some sites ask for stands in a folder within.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import rjsmin

from collectors.links import CLICK_IDS

_WHOLE = "(function(){{'use strict';try{{{parts}\n}}catch{{}}}})();"


@dataclass(frozen=True, slots=True)
class Script:
    """`packed` is gzip of `body`; `etag` names this version of it."""

    body: bytes
    packed: bytes
    etag: str


@cache
def script(*, letters: bool = False) -> Script:
    folder = files("collectors.tracker") / "script"
    found = [*folder.iterdir(), *((folder / "letters").iterdir() if letters else ())]
    sources = sorted(found, key=lambda source: source.name)
    parts = "\n".join(source.read_text("utf-8") for source in sources if source.name.endswith(".js"))
    known = parts.replace("CLICK_IDS", "|".join(CLICK_IDS))
    body = str(rjsmin.jsmin(_WHOLE.format(parts=known))).encode()
    return Script(body, gzip.compress(body, 9, mtime=0), f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"')
