"""The examples of `docs/how-to/use-segment-clients.md` do what they say, as they stand there."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from api.bootstrap import Services
from tests.api.client_libraries import KEPT, ROOT, node_with_clients
from tests.api.live import listening
from tests.api.stored import stored

PAGE = (ROOT / "docs" / "how-to" / "use-segment-clients.md").read_text("utf-8")
EXAMPLES = {
    heading: textwrap.dedent(code)
    for heading, part in re.findall(r"^## (.+)\n((?:(?!^## ).*\n)+)", PAGE, re.MULTILINE)
    for code in re.findall(r"(?:^(?: {4}.*)?\n)*^ {4}.*WRITE_KEY.*\n(?:^(?: {4}.*)?\n)*", part, re.MULTILINE)
}


def command(code: str, folder: Path) -> list[str]:
    """How to run an example."""
    if "curl" in code:
        return ["sh", "-c", code]
    if "new Analytics" in code:
        node = node_with_clients()
        place = KEPT / f"example-{folder.name}.mjs"
        place.write_text(code)
        return [node, str(place)]
    (folder / "example.py").write_text(code)
    return [sys.executable, str(folder / "example.py")]


@pytest.mark.parametrize("heading", EXAMPLES)
def test_an_example_sends(services: Services, tmp_path: Path, heading: str) -> None:
    with listening(services) as host:
        code = EXAMPLES[heading].replace("http://127.0.0.1:8000", host).replace("WRITE_KEY", "w")
        ran = subprocess.run(command(code, tmp_path), check=False, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    found = stored(services.log)
    assert set(found) & {"actions", "touches"}
    assert services.rejections.count_open() == {}


def test_every_library_has_its_example() -> None:
    assert list(EXAMPLES) == [
        "Segment, Python", "Segment, Node", "RudderStack, Python", "RudderStack, Node", "PostHog",
        "GA4 Measurement Protocol", "Snowplow",
    ]  # fmt: skip
