"""Texts that reach pages without standing in `_(…)`: what errors say, and what figures are called.

They are found where they are written, by reading the source. A text with values in it is a template: each value has a
name in it, so that `api/told.py` finds it again, and a translation can put it elsewhere.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import ascii_lowercase

from attribution.anomalies.checks.unmatched import TEXTS as UNMATCHED

_ROOT = Path(__file__).parent.parent
_PACKAGES = ("infra", "collectors", "attribution", "planning", "api")
_SHOWN_ON_PAGES = (
    "infra/access", "infra/mail.py", "infra/settings.py", "attribution", "planning", "api", "collectors/rejections.py",
    "collectors/repair.py", "collectors/visits",
)  # fmt: skip
_FOR_PROGRAMS = (
    "api/cli", "api/odata", "api/pool_sizing.py", "api/pressure.py", "api/routes/collect.py", "api/routes/hooks.py",
    "api/routes/notices.py", "api/routes/odata.py", "api/bodies.py", "attribution/experiments", "attribution/feed",
    "attribution/journeys", "attribution/outbound", "attribution/same_campaigns.py",
)  # fmt: skip
_ROOT_OF_ERRORS = "ClosedLoopError"
_LIKE_ERRORS = {"Problem", "failure"}
"""What is wrong with a file, in words like those of errors."""


def error_texts() -> Iterator[str]:
    """What errors of pages say, and what they advise."""
    trees = dict(_trees())
    errors = _errors(trees.values()) | _LIKE_ERRORS
    for path, tree in trees.items():
        if path.startswith(_SHOWN_ON_PAGES) and not path.startswith(_FOR_PROGRAMS):
            for call in _calls(tree, errors):
                texts = [*call.args[:1], *(each.value for each in call.keywords if each.arg == "help")]
                yield from filter(None, (template(each) for text in texts for each in _either(text)))


def measure_titles() -> Iterator[str]:
    """What figures are called; one that holds a value is a template."""
    for _path, tree in _trees():
        for call in _calls(tree, {"Measure", "PlannedMeasure"}):
            texts = [*call.args[1:2], *(each.value for each in call.keywords if each.arg == "title")]
            yield from filter(None, map(template, texts))


def marked_texts() -> Iterator[str]:
    """What stands in `_(…)` of modules, within an f-string too, where Babel does not look."""
    for path, tree in _trees():
        if path.startswith("api/"):
            for call in _calls(tree, {"_", "gettext"}):
                yield from filter(None, (template(each) for each in call.args[:1] if isinstance(each, ast.Constant)))


def template(node: ast.expr) -> str:
    """`There is no view %(a)s.` of an f-string, a plain text as it is; empty where it is neither, or values alone."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr) or all(isinstance(part, ast.FormattedValue) for part in node.values):
        return ""
    names = iter(ascii_lowercase)
    return "".join(
        f"%({next(names)})s"
        if isinstance(part, ast.FormattedValue)
        else str(getattr(part, "value", "")).replace("%", "%%")
        for part in node.values
    )


def _either(node: ast.expr) -> Iterator[ast.expr]:
    """Both texts, where one of two is told."""
    if isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    else:
        yield node


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


CAUSES = (
    "%(a)s “%(b)s” makes %(c)s of the change.",
    "%(a)s “%(b)s” makes %(c)s of the change; %(d)s “%(e)s” makes %(f)s of the change.",
    "It shows in all of its parts alike.",
    "All %(a)s of %(b)s fell at once since %(c)s: %(d)s.",
    "It fell at %(a)s %(b)s (%(c)s others did not).",
    "It fell at %(a)s %(b)s.",
    "Spend fell as well, from %(a)s to %(b)s a day: campaigns were paused, or their budget ended.",
    "Spend goes on (%(a)s a day).",
    "Spend of %(a)s goes on (%(b)s a day), but touches of %(c)s ended: their links may have lost their "
    "UTM marks, or their pages the tracker.",
    "Cost went %(a)s and leads %(b)s.",
    "Of the money above the usual CPL of %(a)s: %(b)s.",
    "%(a)s “%(b)s” %(c)s",
    "%(a)s “%(b)s” %(c)s; %(d)s “%(e)s” %(f)s",
    "up %(a)s",
    "down %(a)s",
    "unchanged",
    "Touches of %(a)s are missing while the money goes on: the links may have lost their UTM marks, the pages "
    "the tracker, or the marks of spend and links differ.",
    "Touches are missing while the money goes on: the links may have lost their UTM marks, the pages the tracker, or "
    "the marks of spend and links differ.",
    "Spend of %(a)s is missing while clicks come: the import of costs may have stopped, or the campaigns be "
    "named otherwise there.",
    "Spend is missing while clicks come: the import of costs may have stopped, or the campaigns be named otherwise "
    "there.",
    "Its keys may have expired, or its webhook been removed: `closedloop sources list` shows its errors.",
    "The tracker may be missing on these pages since a change: look whether they still load its script.",
    "look at the telephone line, and at the call tracking of this dealer",
    "look at its forms and telephone line, and at the exchange with its CRM",
    "look at its site and the tracker on it",
    "look at the tracker, at call tracking, and at the exchange with the source",
)
"""What `attribution/anomalies/cause.py` composes its sentences of."""

WAITING = (
    "Media plan of %(a)s for %(b)s",
    "Reallocation of %(a)s in %(b)s",
    "Budget of %(a)s for %(b)s to lay out",
    "Order %(a)s to %(b)s can be cancelled until %(c)s",
)
"""What `planning/media/waiting.py` calls what waits."""

OUTCOMES = (
    "The next one was due before this one could be sent.",
    "It may have arrived; ask the recipients.",
    "The mail server refuses %(a)s",
    "Correct or remove these recipients of the schedule.",
    "The mail server does not take it now for %(a)s",
    "It is tried again by itself.",
    "%(a)s It was tried for a day.",
    "It could not be made, by a fault of ours.",
)
"""What the ledger of mails says beside errors."""


def notice_texts() -> Iterator[str]:
    """What notices of anomalies say."""
    for path, tree in _trees():
        if path.startswith("attribution/anomalies/checks"):
            for call in _calls(tree, {"Told"}):
                yield from filter(None, map(template, call.args[1:2]))
    yield from UNMATCHED.values()
