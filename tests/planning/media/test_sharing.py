"""Money over days and items: it adds up, whatever is shared."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import InvalidInput
from planning.media.items import MediaItem
from planning.media.layout import LayOut, lay_out
from planning.media.matching import match
from planning.media.measured import measured_channels
from planning.media.months import Month, read_month
from planning.media.pacing import Pacing, daily_plan
from planning.media.spending import Figures, Line, Spending

NOVEMBER = Month(2026, 11)
CHANNELS = ("search", "social", "radio")
days = st.integers(0, 29).map(lambda number: NOVEMBER.first + timedelta(days=number))
texts = st.sampled_from(("", "a", "B"))


def made(number: int, channel: str, **more: object) -> MediaItem:
    told: dict[str, object] = {
        "campaign": "", "contractor": "", "budget": 0, "first": NOVEMBER.first, "last": NOVEMBER.last,
        "pacing": Pacing.EVEN, "impressions": None, "clicks": None, "leads": None, "cpl_of": "", "note": "",
        "approved": 0, "moved_freely": 0,
    } | more  # fmt: skip
    return MediaItem(id=number, plan=1, place=number, channel=channel, **told)  # type: ignore[arg-type]


items = st.lists(
    st.tuples(st.sampled_from(CHANNELS), texts, texts, days, days), max_size=8
).map(lambda told: [
    made(number, channel, campaign=campaign, contractor=contractor, first=min(one, other), last=max(one, other))
    for number, (channel, campaign, contractor, one, other) in enumerate(told, 1)
])  # fmt: skip
lines = st.lists(
    st.builds(
        Line,
        st.sampled_from((*CHANNELS, "other")),
        st.sampled_from(("", "A", "b", "c")),
        texts,
        st.dictionaries(days, st.builds(Figures, st.integers(0, 10**6), st.just(1), st.just(1), st.just(1.0))),
    ),
    max_size=8,
)


@given(st.integers(0, 10**12), days, days, st.sampled_from(Pacing))
def test_days_add_up_to_the_budget(budget: int, one: date, other: date, pacing: Pacing) -> None:
    first, last = min(one, other), max(one, other)
    planned = daily_plan(budget, first, last, pacing)
    assert sum(planned.values()) == budget
    assert min(planned.values()) >= 0
    assert min(planned) == first
    assert max(planned) == last
    weekdays = [day for day in planned if day.weekday() < 5]
    if pacing is Pacing.WEEKDAYS and weekdays:
        assert all(planned[day] == 0 for day in planned if day.weekday() >= 5)


@given(items, lines)
def test_no_spend_is_lost_or_counted_twice(plan: list[MediaItem], spent: list[Line]) -> None:
    found = match(plan, spent)
    matched = sum(figures.cost for each in found.of_items.values() for figures in each.values())
    unplanned = sum(line.total.cost for line in found.unplanned)
    assert matched + unplanned == sum(line.total.cost for line in spent)


def test_the_item_that_says_most_of_the_spend_has_it() -> None:
    plan = [
        made(1, "search"), made(2, "search", contractor="a"), made(3, "search", campaign="Sale"),
        made(4, "search", campaign="sale", contractor="a"),
        made(5, "radio", last=date(2026, 11, 10)), made(6, "radio", first=date(2026, 11, 20)),
    ]  # fmt: skip

    def of(channel: str, campaign: str, contractor: str, day: int) -> list[int]:
        line = Line(channel, campaign, contractor, {date(2026, 11, day): Figures(1.0)})
        return list(match(plan, [line]).of_items)

    assert of("search", "other", "", 1) == [1]
    assert of("search", "other", "a", 1) == [2]
    assert of("search", "SALE", "b", 1) == [3]
    assert of("search", "sale", "a", 1) == [4]
    assert [of("radio", "", "", day) for day in (3, 12, 16, 25)] == [[5], [5], [6], [6]]
    assert of("tv", "", "", 1) == []


@given(
    st.integers(0, 10**11),
    st.lists(st.tuples(st.sampled_from(CHANNELS), st.integers(0, 10**6)), min_size=1, max_size=9),
    st.sampled_from(LayOut),
)
def test_items_add_up_to_the_budget_and_keep_what_is_ordered(
    budget: int, told: list[tuple[str, int]], by: LayOut
) -> None:
    plan = [made(number, channel) for number, (channel, _) in enumerate(told, 1)]
    committed = {number: ordered for number, (_, ordered) in enumerate(told, 1)}
    before = [Line(channel, "", "", {NOVEMBER.first: Figures(9e6, 5, 4, 30.0)}) for channel in CHANNELS]
    spending = Spending(NOVEMBER, 1, before={"north": before})
    weights = dict.fromkeys(range(len(plan)), 2.0)

    def laid() -> list[int]:
        found = lay_out(
            budget, plan, spending, "north", NOVEMBER, by=by, currency="RUB", weights=weights, committed=committed
        )
        return [each.budget for each in found]

    if budget < sum(committed.values()):
        with pytest.raises(InvalidInput, match="are ordered"):
            laid()
        return
    parts = laid()
    assert sum(parts) == budget
    assert all(part >= ordered for part, ordered in zip(parts, committed.values(), strict=True))


def test_what_a_lead_costs_is_the_holdings_where_a_dealer_has_few() -> None:
    def line(channel: str, cost: float, leads: float) -> Line:
        return Line(channel, "", "", {NOVEMBER.first: Figures(cost, 100, 10, leads)})

    spending = Spending(NOVEMBER, 1, before={
        "north": [line("search", 1000.0, 10), line("social", 500.0, 2), line("radio", 900.0, 3)],
        "south": [line("search", 9000.0, 10), line("social", 1500.0, 8)],
    })  # fmt: skip
    found = measured_channels(spending, "north")
    assert {channel: (each.of, each.cpl) for channel, each in found.items()} == {
        "search": ("dealer", 100.0), "social": ("holding", 200.0),
    }  # fmt: skip
    assert found["search"].expected(5000) == (500, 50, 50)


def test_laying_out_says_what_is_missing() -> None:
    nothing = Spending(NOVEMBER)
    with pytest.raises(InvalidInput, match="nothing to lay the budget out over"):
        lay_out(100, [], nothing, "north", NOVEMBER, by=LayOut.EVEN, currency="RUB")
    for by, said in ((LayOut.SPEND, "Nothing was spent"), (LayOut.CPL, "No CPL is measured"), (LayOut.WEIGHTS, "0 or")):
        with pytest.raises(InvalidInput, match=said):
            lay_out(100, [made(1, "tv")], nothing, "north", NOVEMBER, by=by, currency="RUB")


def test_months_are_read() -> None:
    month = read_month("2026-12")
    assert (str(month.before), str(month.after), len(month.days)) == ("2026-11", "2027-01", 31)
    for wrong in ("2026-13", "26-1", "2026-1", "1999-01", ""):
        with pytest.raises(InvalidInput, match="no month"):
            read_month(wrong)
