"""Markdown that people of the holding wrote, as HTML that pages may show: no HTML of theirs, no pictures."""

from collections.abc import MutableMapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markupsafe import Markup


def as_html(text: str) -> Markup:
    """Headings become paragraphs: where the text stands, the page has headings of its own."""
    return Markup(_reader.render(text))  # noqa: S704  # it escapes what is written, and has no way to pass HTML on


def _link(
    renderer: RendererProtocol,
    tokens: Sequence[Token],
    place: int,
    options: Any,
    env: MutableMapping[str, Any],
) -> str:
    tokens[place].attrSet("rel", "noopener noreferrer")
    return str(renderer.renderToken(tokens, place, options, env))  # type: ignore[attr-defined]


_reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
_reader.disable(["image", "html_block", "html_inline", "heading", "lheading", "hr"])
_reader.add_render_rule("link_open", _link)
