"""Asking the feed as a program does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2 as httpx

KEY = ("", "r")


@dataclass(frozen=True, slots=True)
class Feed:
    """`root` ends with a `/`."""

    root: str

    def get(self, path: str, options: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """Options are written as Power BI writes them: with %20 for a space."""
        query = "&".join(f"{name}={quote(value)}" for name, value in (options or {}).items())
        address = f"{self.root}{path}?{query}" if query else f"{self.root}{path}"
        return httpx.get(address, auth=KEY, headers=headers, timeout=60)

    def document(self, path: str, **options: str) -> dict[str, Any]:
        answer = self.get(path, {_name(name): value for name, value in options.items()})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def rows(self, path: str, **options: str) -> list[dict[str, Any]]:
        """Of all pages."""
        return [row for page in self.pages(path, None, **options) for row in page]

    def pages(self, path: str, size: int | None = None, **options: str) -> Iterator[list[dict[str, Any]]]:
        headers = {"Prefer": f"odata.maxpagesize={size}"} if size else {}
        answer = self.get(path, {_name(name): value for name, value in options.items()}, **headers)
        while True:
            assert answer.status_code == 200, answer.text
            document = answer.json()
            yield document["value"]
            following = document.get("@odata.nextLink")
            if following is None:
                return
            answer = httpx.get(following, auth=KEY, headers=headers, timeout=60)


def _name(name: str) -> str:
    return name if name in ("model", "calendar") else f"${name}"
