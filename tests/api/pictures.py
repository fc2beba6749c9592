"""The pictures that README and docs show: `make pictures` takes them anew, of the sample holding."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.api.live import listening
from tests.api.sampled import sampled
from tests.api.walking import Walker, walking
from tests.debian import chromium

MOST_BYTES = 150_000
DEALERS, MONTHS = 24, 14
"""So many that every page has something to say, and its scatter can still be read."""


def _as_it_opens(page: Page) -> None:
    pass


def _try_a_rule(page: Page) -> None:
    """A rule on top that moves brand search into paid search: what it would change stands below the table."""
    page.get_by_label("Channel, 3", exact=True).fill("paid_search")
    page.locator("#preview table").first.wait_for()
    page.locator("#preview").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#preview').scrollIntoView({block: 'end'})")


def _show_the_table(page: Page) -> None:
    page.evaluate("document.querySelector('.cards').scrollIntoView()")


def _show_the_scatter(page: Page) -> None:
    page.evaluate("document.querySelector('.scatter').scrollIntoView()")


@dataclass(frozen=True, slots=True)
class Picture:
    name: str
    address: str
    prepare: Callable[[Page], None] = _as_it_opens
    width: int = 1440
    height: int = 900
    theme: Literal["light", "dark"] = "light"


PICTURES: Sequence[Picture] = (
    Picture("overview", "/overview?period=last_month"),
    Picture("overview-dark", "/overview?period=last_month", theme="dark"),
    Picture("overview-phone", "/overview?period=last_month", width=360, height=780),
    Picture("channels", "/channels", _show_the_table, height=1000),
    Picture("dealers", "/dealers?period=last_12_months", _show_the_scatter, height=660),
    Picture("dealer", "/dealers/{dealer}", height=1000),
    Picture("contractors", "/contractors"),
    Picture("funnel", "/funnel", height=1000),
    Picture("journeys", "/journeys"),
    Picture("sources", "/sources"),
    Picture("channel-rules", "/settings/channel-rules", _try_a_rule),
)


def take(walker: Walker, names: dict[str, str], folder: Path) -> None:
    """All of them, as `<name>.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        walker.put_on(picture.theme)
        walker.page.set_viewport_size({"width": picture.width, "height": picture.height})
        answer = walker.go(picture.address.format(**names))
        assert answer.ok, f"{picture.name}: {answer.status}"
        picture.prepare(walker.page)
        _save(walker.page.screenshot(), folder / f"{picture.name}.png")


def _save(shot: bytes, path: Path) -> None:
    """In a palette: pages have few colours, and the file is a third."""
    with Image.open(BytesIO(shot)) as image:
        colours = image.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
        colours.save(path, optimize=True)


def main(folder: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as data,
        sampled(Path(data), dealers=DEALERS, months=MONTHS) as holding,
        listening(holding.services) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        with walking(browser, address) as walker:
            take(walker, holding.names, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
