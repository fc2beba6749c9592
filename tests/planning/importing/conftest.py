"""An importer of plans on both databases."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from attribution.visibility import EVERYTHING, Visibility
from infra.clock import FrozenClock
from planning.importing.reader import ImportReader
from planning.importing.register import Import, ImportKind, Imports
from planning.plans import Plans, PlanVersion

PATIENCE = 60.0
Send = Callable[..., Import]


@pytest.fixture
def draft(plans: Plans) -> PlanVersion:
    return plans.create("План 2027", 2027, currency="RUB", author="director")


@pytest.fixture
def imports(holding: Engine, clock: FrozenClock) -> Imports:
    return Imports(holding, clock)


@pytest.fixture
def reader(holding: Engine, imports: Imports) -> Iterator[ImportReader]:
    opened = ImportReader(holding, imports)
    yield opened
    opened.close()


@pytest.fixture
def send(imports: Imports, reader: ImportReader, draft: PlanVersion) -> Send:
    """A file, and what was found in it."""

    def sent(
        data: bytes, kind: ImportKind = ImportKind.PLAN, *, author: str = "director", seen: Visibility = EVERYTHING
    ) -> Import:
        taken = imports.take(draft.plan, kind, "план.xlsx", data, author=author, seen=seen)
        return read_through(imports, reader, taken)

    return sent


def read_through(imports: Imports, reader: ImportReader, found: Import) -> Import:
    reader.take_up(found.id)
    reader.wait(found.id, PATIENCE)
    return imports.get(found.plan, found.id, viewer=found.created_by, seen=found.seen)
