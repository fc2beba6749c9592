"""Texts that reach pages without standing in `_(…)`: what errors say, and what figures are called.

They are found where they are written, by reading the source. A text with values in it is a template: each value has a
name in it, so that `api/told.py` finds it again, and a translation can put it elsewhere.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_PACKAGES = ("infra", "collectors", "attribution", "api")
_SHOWN_ON_PAGES = (
    "infra/access", "infra/mail.py", "infra/settings.py", "attribution", "api", "collectors/rejections.py",
    "collectors/repair.py", "collectors/visits",
)  # fmt: skip
_NEVER = ("api/cli", "api/odata", "attribution/outbound", "attribution/experiments", "attribution/journeys",
          "attribution/feed")  # fmt: skip
_ROOT_OF_ERRORS = "ClosedLoopError"


def error_texts() -> Iterator[str]:
    """What errors of pages say, and what they advise."""
    trees = dict(_trees())
    errors = _errors(trees.values())
    for path, tree in trees.items():
        if path.startswith(_SHOWN_ON_PAGES) and not path.startswith(_NEVER):
            for call in _calls(tree, errors):
                texts = [*call.args[:1], *(each.value for each in call.keywords if each.arg == "help")]
                yield from filter(None, map(template, texts))


def measure_titles() -> Iterator[str]:
    """What figures are called; one that holds a value is a template."""
    for _path, tree in _trees():
        for call in _calls(tree, {"Measure"}):
            texts = [*call.args[1:2], *(each.value for each in call.keywords if each.arg == "title")]
            yield from filter(None, map(template, texts))


def template(node: ast.expr) -> str:
    """`There is no view %(key)s.` of an f-string, a plain text as it is; empty where it is neither."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    names: dict[str, int] = {}
    return "".join(
        f"%({_numbered(_name(part.value), names)})s"
        if isinstance(part, ast.FormattedValue)
        else str(getattr(part, "value", "")).replace("%", "%%")
        for part in node.values
    )


def _name(node: ast.expr) -> str:
    """The last word of what the value is."""
    if isinstance(node, ast.Name):
        return node.id.strip("_").lower() or "value"
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript | ast.Starred):
        return _name(node.value)
    if isinstance(node, ast.Call) and node.args:
        return _name(node.args[-1])
    return "value"


def _numbered(name: str, names: dict[str, int]) -> str:
    names[name] = names.get(name, 0) + 1
    return name if names[name] == 1 else f"{name}_{names[name]}"


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for package in _PACKAGES:
        for path in sorted((_ROOT / package).rglob("*.py")):
            yield path.relative_to(_ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def _errors(trees: Iterable[ast.Module]) -> set[str]:
    """The names of all errors of ours."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    bases = {each.name: {base.id for base in each.bases if isinstance(base, ast.Name)} for each in classes}
    known = {_ROOT_OF_ERRORS}
    while found := {name for name, above in bases.items() if known & above} - known:
        known |= found
    return known


def _calls(tree: ast.Module, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node
