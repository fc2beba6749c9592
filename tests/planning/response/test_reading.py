"""Cells are made of what history tells: whose cost names no dealer, whose leads no contractor, and refunds."""

import pandas as pd

from planning.response.reading import cells_of

COLUMNS = ["dealer", "channel", "contractor", "month", "cost", "leads", "margin"]


def cells(*rows: tuple[str, str, str, str, float, float, float]) -> dict[tuple[str, ...], tuple[float, float]]:
    found = cells_of(pd.DataFrame(list(rows), columns=COLUMNS))
    keys = zip(found["dealer"], found["channel"], found["contractor"], found["month"], strict=True)
    return dict(zip(keys, zip(found["cost"], found["leads"], strict=True), strict=True))


def test_a_channel_bought_for_all_is_one_cell_with_the_leads_of_all() -> None:
    found = cells(
        ("(none)", "radio", "(none)", "2026-01", 900, 0, 0),
        ("north", "radio", "(none)", "2026-01", 0, 3, 30),
        ("south", "radio", "(none)", "2026-01", 0, 2, 20),
    )
    assert found == {("", "radio", "", "2026-01"): (900, 5)}


def test_leads_that_name_no_contractor_are_its_contractors_by_cost() -> None:
    found = cells(
        ("north", "search", "a", "2026-01", 300, 1, 0),
        ("north", "search", "b", "2026-01", 100, 0, 0),
        ("north", "search", "(none)", "2026-01", 0, 8, 0),
        ("south", "search", "(none)", "2026-01", 200, 2, 0),
    )
    assert found == {
        ("north", "search", "a", "2026-01"): (300, 7),
        ("north", "search", "b", "2026-01"): (100, 2),
        ("south", "search", "", "2026-01"): (200, 2),
    }


def test_where_nothing_was_spent_there_is_no_cell() -> None:
    assert cells(("north", "direct", "(none)", "2026-01", 0, 4, 0)) == {}
    assert cells(("north", "search", "a", "2026-01", -50, 4, 0)) == {}
