"""Who is mentioned in a comment: `@` and a user's e-mail or name, in whatever case."""

import re
from collections.abc import Sequence

from planning.work.people import Person

_AT = re.compile(r"(?<![\w.@])@(?=\S)")
_GOES_ON = re.compile(r"\w|[.-]\w")


def mentioned_in(text: str, known: Sequence[Person]) -> list[str]:
    """Their e-mails, each once, in the order of the text; of two who fit, the longer name is meant."""
    names = sorted(
        ((name.casefold(), person.email) for person in known for name in (person.email, person.name) if name),
        key=lambda each: (-len(each[0]), each),
    )
    folded = text.casefold()
    found = (_fitting(folded[at.end() :], names) for at in _AT.finditer(folded))
    return list(dict.fromkeys(filter(None, found)))


def _fitting(rest: str, names: Sequence[tuple[str, str]]) -> str:
    """Empty where nobody's name begins the rest and ends with a word of it."""
    return next((email for name, email in names if rest.startswith(name) and not _GOES_ON.match(rest[len(name) :])), "")
