"""What axe-core finds on a page: of whoever cannot see it, or uses it without a mouse."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.api.client_libraries import KEPT, node_with_clients

GRAVE = ("serious", "critical")


def violations(page: Page, *rules: str) -> list[str]:
    """The grave ones, by these rules or by all: each with its first element. The page's own policy is left as it is."""
    page.evaluate(f"() => {{ if (!window.axe) {{ {_axe()} }} }}")
    options: dict[str, Any] = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{each['id']}: {len(each['nodes'])} like {each['nodes'][0]['html'][:200]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
    ]


@cache
def _axe() -> str:
    node_with_clients()
    return (KEPT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
