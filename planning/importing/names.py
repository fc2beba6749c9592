"""Names that files spell in their own way, and what they stand for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from planning.importing.words import Role, normal

NOT_BROKEN_DOWN = "—"
"""How a cell says that a plan is not broken down by what its column names."""

_DASHES = {"—", "–", "-"}
_LIKELY = 0.45
_FILLERS = {
    "дц",
    "ооо",
    "ао",
    "автосалон",
    "автоцентр",
    "салон",
    "дилерский",
    "центр",
    "dealer",
    "на",
    "the",
    "llc",
    "зао",
}


@dataclass(frozen=True, slots=True)
class Named:
    """`also` are other words for it; `brand` is of dealers."""

    id: str
    name: str = ""
    also: tuple[str, ...] = ()
    brand: str = ""

    @property
    def title(self) -> str:
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Meant:
    """What a spelling stands for: an id; nothing that is broken down; rows to leave out; or nobody knows.

    `is_explained`: by somebody, and not by the name itself.
    """

    id: str = ""
    is_known: bool = True
    is_left_out: bool = False
    is_explained: bool = False


UNKNOWN = Meant(is_known=False)
LEFT_OUT = Meant(is_left_out=True)
_WHOLE = Meant()


def nothing(_text: str) -> str:
    return ""


@dataclass
class Names:
    """Of one kind. `told` are spellings that somebody has explained: None means to leave them out.

    `by_words` finds the id of what is put in other words, and is asked last. Where `takes_new`, a spelling can be
    explained by a name that was not known before. Law: `meaning(spelling(id)).id == id`.
    """

    known: Iterable[Named]
    told: Mapping[str, str | None] = field(default_factory=dict)
    by_words: Callable[[str], str] = nothing
    takes_new: bool = False

    def __post_init__(self) -> None:
        self.by_id = {each.id: each for each in self.known}
        self._exact = {each.id: each.id for each in self.by_id.values()}
        self._folded: dict[str, set[str]] = {}
        for each in self.by_id.values():
            for word in filter(None, (each.id, each.name, *each.also)):
                self._folded.setdefault(normal(word), set()).add(each.id)
        self._told = {normal(spelling): meant for spelling, meant in self.told.items()}
        self._found: dict[str, Meant] = {}

    def meaning(self, text: str) -> Meant:
        """An id as it is goes before a name, and a name before what somebody has explained."""
        if text not in self._found:
            self._found[text] = self._meaning(text)
        return self._found[text]

    def _meaning(self, text: str) -> Meant:
        if text in self._exact:
            return Meant(text)
        if text.strip() in _DASHES or not text.strip():
            return _WHOLE
        folded = normal(text)
        found = self._folded.get(folded, set())
        if len(found) == 1:
            return Meant(next(iter(found)))
        if folded in self._told:
            meant = self._told[folded]
            if meant is None:
                return LEFT_OUT
            return Meant(meant, is_explained=True) if meant in self.by_id or self.takes_new else UNKNOWN
        put = self.by_words(text)
        return Meant(put) if put in self.by_id else UNKNOWN

    def of_brand(self, text: str, brand: str) -> Meant:
        """Where several bear a name, the one of them that is of the brand."""
        wanted = normal(brand)
        found = [key for key in self._folded.get(normal(text), ()) if normal(self.by_id[key].brand) == wanted]
        return Meant(found[0]) if len(found) == 1 else UNKNOWN

    def spelling(self, key: str) -> str:
        """How a file names it, so that it is read back as the same."""
        if not key:
            return NOT_BROKEN_DOWN
        named = self.by_id.get(key)
        if named and named.name == " ".join(named.name.split()) and self.meaning(named.name) == Meant(key):
            return named.name
        return key

    def title(self, key: str) -> str:
        return self.by_id[key].title if key in self.by_id else key

    def suggestions(self, text: str, most: int = 3) -> list[str]:
        """Ids of those that are most alike, the likeliest first."""
        wanted = _core(text)
        scored = sorted(((_likeness(wanted, each), each.id) for each in self.by_id.values()), reverse=True)
        return [key for score, key in scored[:most] if score >= _LIKELY]


def _likeness(wanted: str, named: Named) -> float:
    return max(_alike(wanted, _core(word)) for word in (named.id, named.name, *named.also) if word or word == named.id)


def _alike(one: str, other: str) -> float:
    """How alike two names are: by their letters, or by the words that they share."""
    letters = SequenceMatcher(None, one, other).ratio()
    ones, others = set(one.split()), set(other.split())
    shared = sum(any(_same_stem(word, each) for each in others) for word in ones)
    words = 0.95 * shared / min(len(ones), len(others)) if ones and others else 0.0
    return max(letters, words * 0.9 if shared else 0.0)


def _same_stem(one: str, other: str) -> bool:
    """Endings of cases make no difference."""
    length = max(min(len(one), len(other)) - 2, 3)
    return len(one) > 2 and len(other) > 2 and one[:length] == other[:length]


def _core(text: str) -> str:
    folded = normal("".join(each if each.isalnum() else " " for each in text))
    return " ".join(word for word in folded.split() if word not in _FILLERS) or folded


@dataclass
class Known:
    """All that a file may name, by kind."""

    names: Mapping[Role, Names]

    def __getitem__(self, role: Role) -> Names:
        return self.names[role]

    def with_told(self, told: Mapping[Role, Mapping[str, str | None]]) -> "Known":
        """And what somebody has explained, which goes before what was explained earlier."""
        return Known({
            role: Names(names.by_id.values(), {**names.told, **told.get(role, {})}, names.by_words, names.takes_new)
            for role, names in self.names.items()
        })  # fmt: skip
