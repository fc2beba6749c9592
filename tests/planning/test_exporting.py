"""What is exported is read back as the same, cell by cell, whatever dealers are called."""

import csv
import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning.dimensions import DealerPlace
from planning.directions import DEFAULT_DIRECTIONS
from planning.exporting import Lines, PlanTable, plan_csv, plan_workbook
from planning.grid import LineKey
from planning.importing.guessing import Wanted
from planning.importing.mapping import Choices
from planning.importing.names import Known, Named, Names
from planning.importing.reading import FileRead, World, read_file
from planning.importing.words import Role, measure_of
from planning.measures import PLANNED
from planning.plans import Plan, PlanKind
from planning.templates import template_lines

HOSTILE = (
    "=HYPERLINK(\"http://example.com\")", "@SUM(A1)", "+7 900", "-1+1", "'=1", "''", "Итого", "Итого Юг", "Янв 2027",
    "2027", "12", "Показатель", "Dealer", "Продажи", "n/a", "x;y", 'a "b" c', "строка\tс табом", "—", "тыс.",
)  # fmt: skip
NAMES = st.sampled_from(HOSTILE) | st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=20
)
IDS = st.from_regex(r"[a-z][a-z0-9 _=@-]{0,8}[a-z0-9]", fullmatch=True) | st.sampled_from(["1", "2027", "=a", "-b"])
VALUES = st.none() | st.integers(0, 10**12)


@st.composite
def holdings(draw: st.DrawFn) -> tuple[Known, tuple[DealerPlace, ...], Lines, Plan]:
    named = draw(st.lists(st.tuples(IDS, NAMES), min_size=1, max_size=6, unique_by=lambda each: each[0]))
    places = tuple(DealerPlace(key, name, "", "", "", "", None, None) for key, name in named)
    channels = tuple(draw(st.lists(NAMES.filter(lambda each: each.strip() == each != "—"), max_size=3, unique=True)))
    known = Known({
        Role.DEALER: Names(tuple(Named(each.id, each.name) for each in places)),
        Role.DIRECTION: Names(tuple(Named(each.id, each.name) for each in DEFAULT_DIRECTIONS)),
        Role.MEASURE: Names(tuple(Named(each.slug, each.title) for each in PLANNED.values()), by_words=measure_of),
        Role.CHANNEL: Names(tuple(Named(each) for each in channels)),
        Role.CONTRACTOR: Names((Named("acme", "Акме"), Named("Акме", "acme"))),
    })  # fmt: skip
    keys = st.builds(
        LineKey,
        st.sampled_from(sorted(PLANNED)),
        st.sampled_from([each.id for each in places]),
        st.sampled_from(["", "new_car", "after_sales"]),
        st.sampled_from(["", *channels]),
        st.sampled_from(["", "acme", "Акме"]),
    )
    lines = draw(st.dictionaries(keys, st.lists(VALUES, min_size=12, max_size=12), min_size=1, max_size=12))
    month = draw(st.none() | st.integers(1, 12))
    kind = PlanKind.MONTH if month else PlanKind.YEAR
    plan = Plan(1, "План", kind, 2027, month, "RUB", datetime(2026, 1, 1, tzinfo=UTC), "director")
    return known, places, lines, plan


def read_back(data: bytes, known: Known, places: tuple[DealerPlace, ...], plan: Plan) -> FileRead:
    world = World(known, {each.id: each for each in places}, Wanted(plan.year, plan.month), plan.currency)
    return read_file(data, Choices(), world, lambda _part: None)


@given(holdings(), st.sampled_from([plan_workbook, plan_csv]))
@settings(max_examples=150)
def test_the_round_trip_is_the_same_without_a_question(
    holding: tuple[Known, tuple[DealerPlace, ...], Lines, Plan], write: type
) -> None:
    known, places, lines, plan = holding
    found = read_back(write(lines, PlanTable(plan, known)), known, places, plan)
    assert found.problems.errors == []
    assert found.is_settled
    assert found.unknown == {}
    planned = {
        key: [value if month in plan.months else None for month, value in enumerate(values, 1)]
        for key, values in lines.items()
    }
    assert found.lines.lines == {key: values for key, values in planned.items() if any(v is not None for v in values)}


def table(*named: tuple[str, str]) -> tuple[PlanTable, Known]:
    known = Known({
        Role.DEALER: Names(tuple(Named(*each) for each in named)),
        Role.DIRECTION: Names((Named("new_car", "New cars"),)),
        Role.MEASURE: Names(tuple(Named(each.slug, each.title) for each in PLANNED.values()), by_words=measure_of),
        Role.CHANNEL: Names(()),
        Role.CONTRACTOR: Names(()),
    })  # fmt: skip
    plan = Plan(1, "План", PlanKind.YEAR, 2027, None, "RUB", datetime(2026, 1, 1, tzinfo=UTC), "director")
    words = {"Dealer": "Дилер", "Measure": "Показатель", "Sales": "Продажи", "Total": "Итого", "Channel": "Труба"}
    return PlanTable(plan, known, words), known


@pytest.mark.parametrize("name", ['=HYPERLINK("http://example.com")', "@SUM(A1)", "+7", "-1", "\tx"])
def test_names_are_never_formulas(name: str) -> None:
    lines: Lines = {LineKey("budget", name): [1] * 12}
    asked, _known = table((name, ""))
    sheet = openpyxl.load_workbook(io.BytesIO(plan_workbook(lines, asked))).worksheets[0]
    assert (sheet["A2"].data_type, sheet["A2"].value) == ("s", name)
    assert sheet["S2"].value == "=SUM(G2:R2)"
    rows = list(csv.reader(io.StringIO(plan_csv(lines, asked).decode("utf-8-sig"))))
    assert rows[1][0] == f"'{name}"


def test_headings_are_translated_as_far_as_they_are_understood() -> None:
    asked, _known = table(("north", "Север"))
    rows = list(csv.reader(io.StringIO(plan_csv({LineKey("sales", "north"): [1] * 12}, asked).decode("utf-8-sig"))))
    assert rows[0][:7] == ["Дилер", "Direction", "Channel", "Contractor", "Показатель", "Currency", "2027-01"]
    assert rows[1][:7] == ["Север", "—", "—", "—", "Продажи", "", "1"]


def test_a_template_has_a_row_for_each_figure_that_is_planned() -> None:
    north = DealerPlace("north", "Север", "", "", "", "", None, None)
    east = DealerPlace("east", "Восток", "", "", "", "", date(2027, 2, 1), date(2027, 6, 30))
    filled: Lines = {
        LineKey("sales", "east", "new_car"): [5] * 12,
        LineKey("budget", "north", "new_car", "direct"): [100] * 12,
        LineKey("leads", "north"): [7] * 12,
    }
    lines = template_lines([north, east], DEFAULT_DIRECTIONS[:1], 2027, filled)
    assert lines[LineKey("sales", "east", "new_car")] == [None, *[5] * 5, *[None] * 6]
    assert lines[LineKey("budget", "north", "new_car", "direct")] == [100] * 12
    assert lines[LineKey("leads", "north")] == [7] * 12
    assert LineKey("budget", "north", "new_car") not in lines
    assert lines[LineKey("budget", "east", "new_car")] == [None] * 12
    assert len(lines) == 13
