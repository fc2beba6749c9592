"""How operations are tried out: with which key, with what they name, and how often."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from schemathesis import Case as _Case
from schemathesis.generation import GenerationMode

Case = _Case[Any]
MOST_ALLOWED = 3
_EACH = 3
_UNKNOWN = "x-schemathesis-unknown-property"


@dataclass(frozen=True, slots=True)
class Kept:
    """What there is, by the path that names it. Half of the allowed requests ask for it, the others as they like."""

    named: Mapping[str, Mapping[str, Any]]

    def name(self, case: Case) -> None:
        path = case.operation.path
        if path in self.named and mark_of(case) % 2 == 0 and not is_wrong(case):
            case.path_parameters.update({name: str(value) for name, value in self.named[path].items()})
        if "api_secret" in (case.query or {}) and not is_wrong(case):
            case.query["api_secret"] = "w"


def is_wrong(case: Case) -> bool:
    """Whether it is a request that the description does not allow."""
    return case.meta is not None and case.meta.generation.mode is GenerationMode.NEGATIVE


class Bounds:
    """Which requests are one too many: what is allowed is counted, as reports take longer than refusals."""

    def __init__(self) -> None:
        self._asked: defaultdict[str, set[int]] = defaultdict(set)

    def are_passed(self, case: Case) -> bool:
        """Of what is allowed the first is asked, and of the others some, the same each time.

        A parameter that no operation has is looked past by all but the feed's, which says so by itself.
        """
        if is_wrong(case):
            return _UNKNOWN in (case.query or {})
        asked, mark = self._asked[case.operation.label], mark_of(case)
        if mark not in asked and (len(asked) >= MOST_ALLOWED or (asked and mark % _EACH)):
            return True
        asked.add(mark)
        return False


def mark_of(case: Case) -> int:
    """The same whenever the same is asked."""
    return crc32(repr((case.path_parameters, case.query, case.body)).encode())


def key_of(case: Case) -> dict[str, str]:
    """The header that opens the operation: sending takes the write key."""
    reads = case.operation.path.startswith(("/api/", "/odata/")) and not case.operation.path.startswith(
        "/api/rejections/"
    )
    return {"Authorization": f"Bearer {'r' if reads else 'w'}"}
