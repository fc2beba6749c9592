"""Imports from the file to the plan, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from attribution.reference import replace_reference
from attribution.reference_document import ReferenceDocument
from attribution.visibility import Visibility
from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import BodyTooLarge, Conflict, InvalidInput, NotFound, NotPermitted
from planning.editing import Cell, Editor
from planning.edits import edits_of
from planning.file_facts import facts_by_file
from planning.grid import LineKey
from planning.importing.confirming import confirm
from planning.importing.mapping import Choices
from planning.importing.reader import ImportReader
from planning.importing.register import MOST_BYTES, Import, ImportKind, Imports, Step
from planning.importing.saying import say
from planning.importing.words import Role
from planning.lines import read_lines
from planning.plans import Plans, PlanVersion, State, move
from planning.tables import fact_lines
from planning.undoing import undo
from tests.planning.conftest import DEALERS
from tests.planning.importing.books import Sheet, book, year
from tests.planning.importing.conftest import Send, read_through

TEN = [10] * 12
NORTH = LineKey("sales", "north")
PLAN = book(План=year(["Север", "Продажи", *TEN], ["Юг", "Продажи", *[20] * 12]))
EVERYBODY = Visibility()


def values(engine: Engine, version: int) -> dict[LineKey, list[int]]:
    with engine.connect() as connection:
        grid = read_lines(connection, version)
    return dict(zip(grid.keys, grid.values.tolist(), strict=True))


def confirmed(engine: Engine, clock: FrozenClock, found: Import, author: str = "director") -> Import:
    return confirm(engine, clock, found, author=author, seen=EVERYBODY)


def test_a_file_becomes_one_edit_of_the_draft(
    holding: Engine, clock: FrozenClock, send: Send, draft: PlanVersion, editor: Editor
) -> None:
    editor.put(draft.id, [Cell(NORTH, 1, 7), Cell(LineKey("leads", "north"), 1, 5)], author="anna")
    found = send(PLAN)
    assert found.step is Step.PREVIEW
    assert found.found["compared"] | {"largest": []} == {
        "new_lines": 1, "added": 23, "changed": 1, "same": 0, "locked": 0, "largest": [],
    }  # fmt: skip
    assert found.found["compared"]["largest"][0] | {"dealer": ""} == {
        "measure": "sales", "dealer": "", "direction": "", "channel": "", "contractor": "", "month": 1,
        "before": 7, "after": 10,
    }  # fmt: skip
    assert found.found["sums"] == {"sales": [30] * 12}
    assert values(holding, draft.id) == {NORTH: [7, *[0] * 11], LineKey("leads", "north"): [5, *[0] * 11]}
    done = confirmed(holding, clock, found)
    assert values(holding, draft.id) == {
        NORTH: TEN, LineKey("sales", "south"): [20] * 12, LineKey("leads", "north"): [5, *[0] * 11],
    }  # fmt: skip
    with holding.connect() as connection:
        newest = edits_of(connection, draft.id)[0]
    assert (newest.id, newest.kind, newest.author, newest.why, newest.lines) == (
        done.edit,
        "import",
        "director",
        "план.xlsx",
        2,
    )
    changes, _ = find_changes(holding, what=f"plan {draft.plan}")
    assert '"lines":2' in changes[0].after


def test_confirming_again_changes_nothing_and_answers_the_same(
    holding: Engine, clock: FrozenClock, send: Send, draft: PlanVersion, plans: Plans
) -> None:
    found = send(PLAN)
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda _: confirmed(holding, clock, found), range(8)))
    assert len({each.edit for each in done}) == 1
    assert plans.version(draft.id).newest_edit == done[0].edit
    assert len(find_changes(holding, what=f"plan {draft.plan}")[0]) == 3
    same = send(PLAN)
    assert same.found["compared"]["same"] == 24
    assert confirmed(holding, clock, same).edit == 0


def test_a_draft_that_has_changed_since_the_preview_is_a_conflict(
    holding: Engine,
    clock: FrozenClock,
    send: Send,
    draft: PlanVersion,
    editor: Editor,
    imports: Imports,
    reader: ImportReader,
) -> None:
    found = send(PLAN)
    editor.put(draft.id, [Cell(LineKey("sales", "south"), 1, 1)], author="anna")
    with pytest.raises(Conflict, match="anna has changed the draft since this preview"):
        confirmed(holding, clock, found)
    assert values(holding, draft.id) == {LineKey("sales", "south"): [1, *[0] * 11]}
    say(holding, clock, found, found.choices, author="director", based_on=found.revision)
    again = read_through(imports, reader, found)
    assert again.found["compared"]["changed"] == 1
    confirmed(holding, clock, again)
    assert values(holding, draft.id)[LineKey("sales", "south")] == [20] * 12


def test_a_version_that_was_submitted_meanwhile_stays(
    holding: Engine, clock: FrozenClock, send: Send, draft: PlanVersion, imports: Imports
) -> None:
    found = send(PLAN)
    with holding.begin() as connection:
        move(connection, draft.id, State.SUBMITTED, clock, author="director")
    with pytest.raises(Conflict, match="never changes any more"):
        confirmed(holding, clock, found)
    with pytest.raises(Conflict, match="no draft that could be changed"):
        imports.take(draft.plan, ImportKind.PLAN, "a.xlsx", PLAN, author="director")


def test_a_file_with_errors_writes_nothing(holding: Engine, clock: FrozenClock, send: Send, draft: PlanVersion) -> None:
    found = send(book(План=year(["Север", "Продажи", *TEN], ["Восток", "Продажи", *TEN])))
    assert found.found["count"]["errors"] == 6
    assert found.found["errors"][0]["place"] == "План, I3"
    with pytest.raises(InvalidInput, match="6 errors, so nothing was written"):
        confirmed(holding, clock, found)
    assert values(holding, draft.id) == {}


def test_a_file_that_is_none_says_why(send: Send) -> None:
    found = send(b"%PDF-1.7")
    assert found.step is Step.FAILED
    assert found.found == {
        "failed": "This is a PDF, which has no cells.",
        "help": "Save the table as .xlsx or .csv, and send that.",
    }
    assert send(b"a;b\nc;d\n").found["failed"] == "No table of figures was found in the file."


def test_what_was_explained_is_remembered_for_the_next_file(
    holding: Engine, clock: FrozenClock, send: Send, imports: Imports, reader: ImportReader
) -> None:
    data = book(План=year(["Северный автоцентр", "Продажи", *TEN], ["Луна", "Продажи", *TEN]))
    found = send(data)
    assert found.step is Step.NAMES
    assert [each["spelling"] for each in found.found["unknown"]["dealer"]] == ["Северный автоцентр", "Луна"]
    assert found.found["unknown"]["dealer"][0]["suggestions"][0] == "north"
    told = Choices(names={Role.DEALER: {"Северный автоцентр": "north", "Луна": None}})
    say(holding, clock, found, told, author="director", based_on=found.revision)
    settled = read_through(imports, reader, found)
    assert settled.step is Step.PREVIEW
    assert settled.found["explained"] == {"dealer": {"Северный автоцентр": "north"}}
    confirmed(holding, clock, settled)
    again = send(data)
    assert again.step is Step.NAMES
    assert [each["spelling"] for each in again.found["unknown"]["dealer"]] == ["Луна"], "rows are left out of one file"


def test_a_mapping_is_remembered_by_the_header(
    holding: Engine, clock: FrozenClock, send: Send, imports: Imports, reader: ImportReader
) -> None:
    rows: Sheet = [["Кто", "Что", "Штуки", "Прочее"], ["Север", "Продажи", 10, 5]]
    found = send(book(План=rows))
    assert found.step is Step.COLUMNS
    sheet = found.found["sheets"][0]
    mapping = {"columns": [{"role": "dealer"}, {"role": "measure"}, {"role": "figures", "month": 3}, {"role": ""}]}
    told = Choices.model_validate({"mappings": {sheet["shape"]: mapping}})
    say(holding, clock, found, told, author="director", based_on=found.revision)
    assert read_through(imports, reader, found).found["sums"] == {"sales": [0, 0, 10, *[0] * 9]}
    assert send(book(Другой=[*rows, ["Юг", "Продажи", 20, 6]])).found["sums"] == {"sales": [0, 0, 30, *[0] * 9]}


def test_who_sees_a_part_imports_that_part_alone(
    holding: Engine, clock: FrozenClock, send: Send, draft: PlanVersion, imports: Imports
) -> None:
    north = Visibility(frozenset({"north"}))
    found = send(PLAN, author="marketer", seen=north)
    assert found.step is Step.NAMES
    assert found.found["unknown"] == {"dealer": [{"spelling": "Юг", "rows": 1, "suggestions": []}]}
    wrong = Choices(names={Role.DEALER: {"Юг": "south"}})
    with pytest.raises(InvalidInput, match="no dealer 'south'"):
        say(holding, clock, found, wrong, author="marketer", based_on=found.revision)
    told = Choices(names={Role.DEALER: {"Юг": "north"}})
    say(holding, clock, found, told, author="marketer", based_on=found.revision)
    assert send(PLAN).step is Step.PREVIEW, "a name goes before what somebody has explained"
    with pytest.raises(NotFound):
        imports.get(draft.plan, found.id, viewer="another", seen=north)
    everything = send(PLAN)
    with pytest.raises(NotPermitted):
        confirm(holding, clock, everything, author="marketer", seen=north)
    assert imports.get(draft.plan, everything.id, viewer="director").step is Step.PREVIEW


def test_what_a_marketer_explains_does_not_hold_for_the_holding(
    holding: Engine, clock: FrozenClock, send: Send, imports: Imports, reader: ImportReader
) -> None:
    data = book(План=year(["Южный филиал", "Продажи", *TEN]))
    found = send(data, author="marketer", seen=Visibility(frozenset({"north"})))
    told = Choices(names={Role.DEALER: {"Южный филиал": "north"}})
    say(holding, clock, found, told, author="marketer", based_on=found.revision)
    assert read_through(imports, reader, found).step is Step.PREVIEW
    assert send(data).step is Step.NAMES
    assert send(data, author="marketer", seen=Visibility(frozenset({"north"}))).step is Step.PREVIEW


def test_two_who_say_something_about_one_file(holding: Engine, clock: FrozenClock, send: Send) -> None:
    found = send(PLAN)
    say(holding, clock, found, Choices(), author="anna", based_on=found.revision)
    with pytest.raises(Conflict, match="anna has meanwhile brought this import"):
        say(holding, clock, found, Choices(), author="boris", based_on=found.revision)


def test_a_dealer_that_went_away_before_it_was_confirmed(
    holding: Engine, clock: FrozenClock, send: Send, draft: PlanVersion
) -> None:
    found = send(PLAN)
    replace_reference(holding, ReferenceDocument(dealers=DEALERS[1:]), author="boss", clock=clock)
    with pytest.raises(Conflict, match="no dealer 'north' any more"):
        confirmed(holding, clock, found)
    assert values(holding, draft.id) == {}


def test_an_import_can_be_discarded_until_it_is_written(
    holding: Engine, clock: FrozenClock, send: Send, imports: Imports, draft: PlanVersion
) -> None:
    found = send(PLAN)
    imports.discard(found, author="director")
    with pytest.raises(NotFound):
        imports.get(draft.plan, found.id, viewer="director")
    with pytest.raises(NotFound):
        confirmed(holding, clock, found)
    done = send(PLAN)
    confirmed(holding, clock, done)
    with pytest.raises(Conflict):
        imports.discard(done, author="director")
    with pytest.raises(BodyTooLarge):
        imports.take(draft.plan, ImportKind.PLAN, "a.csv", b" " * (MOST_BYTES + 1), author="director")


def test_an_import_can_be_taken_back(holding: Engine, clock: FrozenClock, send: Send, draft: PlanVersion) -> None:
    done = confirmed(holding, clock, send(PLAN))
    assert done.edit
    undo(holding, clock, draft.id, done.edit, author="director")
    assert {key: set(each) for key, each in values(holding, draft.id).items()} == {
        NORTH: {0},
        LineKey("sales", "south"): {0},
    }


def test_a_reader_that_died_is_followed_by_another(
    holding: Engine, clock: FrozenClock, imports: Imports, draft: PlanVersion, reader: ImportReader
) -> None:
    taken = imports.take(draft.plan, ImportKind.PLAN, "план.xlsx", PLAN, author="director")
    assert imports.claim(taken.id, "a process that is killed now")
    assert read_through(imports, reader, taken).step is Step.READING
    clock.advance(timedelta(minutes=1))
    assert read_through(imports, reader, taken).step is Step.PREVIEW
    assert not imports.finish(taken.id, "a process that is killed now", Step.FAILED, {}, None, 0)


def test_facts_by_file_replace_the_cells_that_they_name(holding: Engine, clock: FrozenClock, send: Send) -> None:
    first = send(
        book(Факт=year(["Север", "Продажи", 1, 2, *[None] * 10], ["Юг", "Бюджет", 1.5, *[None] * 11])), ImportKind.FACTS
    )
    assert confirmed(holding, clock, first).edit
    second = send(book(Факт=year(["Север", "Продажи", None, 5, 6, *[None] * 9])), ImportKind.FACTS)
    assert (second.found["compared"]["changed"], second.found["compared"]["added"]) == (1, 1)
    confirmed(holding, clock, second, author="anna")
    with holding.connect() as connection:
        assert facts_by_file(connection, 2027) == {
            NORTH: [1, 5, 6, *[None] * 9], LineKey("budget", "south"): [150, *[None] * 11],
        }  # fmt: skip
        assert facts_by_file(connection, 2027, Visibility(frozenset({"south"}))).keys() == {LineKey("budget", "south")}
        assert set(connection.scalars(select(fact_lines.c.taken_by))) == {"anna", "director"}
    changes, _ = find_changes(holding, what="facts of 2027")
    assert len(changes) == 2


def test_other_facts_that_came_since_the_preview(holding: Engine, clock: FrozenClock, send: Send) -> None:
    one, other = (send(book(Факт=year(["Север", "Продажи", n, *[None] * 11])), ImportKind.FACTS) for n in (1, 2))
    confirmed(holding, clock, one)
    with pytest.raises(Conflict, match="Other facts of 2027 have come"):
        confirmed(holding, clock, other)
    with holding.connect() as connection:
        assert facts_by_file(connection, 2027)[NORTH][0] == 1
