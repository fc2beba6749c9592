"""What is to be ordered, by when, and how long stock lasts."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.dimensions import DealerPlace
from planning.forecast.outlook import Outlook, Series
from planning.media.months import Month
from planning.stock.levels import Level
from planning.stock.mix import Brands, Mix, backtest, pooled_mix, recent
from planning.stock.need import Calendar, Need, demand_of, grouped, need_of
from planning.stock.position import Position, position_of
from planning.stock.report import StockQuestion, stock_report
from planning.stock.selling import Selling
from planning.stock.terms import KnownTerms, Terms

DECEMBER = Month(2026, 12)
MONTHS = (DECEMBER, Month(2027, 1), Month(2027, 2), Month(2027, 3))
TODAY = DECEMBER.first
ONE = (np.array([0]), np.array([0]))
SURE = Mix(np.ones((1, 1)), np.zeros((1, 1)))


def need(
    expected: list[float],
    stock: float,
    transit: list[float],
    *,
    width: float = 0.0,
    horizon: float | None = 31,
    lead: int = 45,
) -> Need:
    """Of one dealer with one model."""
    mean = np.array([expected])
    demand = demand_of(mean, mean - width, mean + width, 0.8, None)
    calendar = Calendar(TODAY, MONTHS[: len(expected)])
    return need_of(
        calendar, demand, SURE, 1.0, ONE, np.array([stock]), np.array([transit]), ([lead], [0.9], [2]), horizon
    )


def test_expected_less_stock_less_transit_is_to_be_ordered() -> None:
    """250 are expected, 100 are there: 150."""
    assert need([250], 100, [0]).to_order.tolist() == [150]
    assert need([250], 60, [40]).to_order.tolist() == [150]
    assert need([250, 250], 60, [40, 500]).to_order.tolist() == [150]
    assert need([250], 300, [0]).to_order.tolist() == [0]


def test_the_safety_stock_is_the_intervals_bound() -> None:
    """A nine-tenths service is the upper bound of an 80 % interval."""
    found = need([250], 100, [0], width=20)
    assert found.safety[0] == pytest.approx(20)
    assert found.to_order_safely.tolist() == [170]
    low, high = found.interval_until(0.8)
    assert (low[0], high[0]) == pytest.approx((230, 270))


def test_the_lead_time_and_a_month_are_to_be_sufficed_for() -> None:
    found = need([31, 31, 28, 31], 0, [0, 0, 0, 0], horizon=None, lead=31)
    assert found.expected_until[0] == pytest.approx(61.4375)
    assert found.order_by().tolist() == [0]


def test_stock_runs_out_on_a_day() -> None:
    found = need([31, 31, 28, 31], 40, [0, 0, 28, 0], lead=10)
    assert found.cover_days()[0] == pytest.approx(40)
    assert found.runs_out()[0] == pytest.approx(40), "what arrives in February is too late"
    assert found.order_by()[0] == pytest.approx(30)
    earlier = need([31, 31, 28, 31], 40, [0, 28, 0, 0], lead=10)
    assert earlier.runs_out()[0] == pytest.approx(68)
    assert np.isinf(need([31, 31, 28, 31], 200, [0] * 4).runs_out()[0])
    assert need([31, 31, 28, 31], 242, [0] * 4).cover_days()[0] == pytest.approx(242), "at the pace of all months"
    assert np.isinf(need([0, 0], 5, [0, 0]).cover_days()[0])


def test_more_than_the_most_months_is_too_much() -> None:
    assert need([31, 31, 28, 31], 100, [0] * 4).surplus[0] == pytest.approx(100 - 60.875, abs=1)


def test_orders_by_month_leave_nothing_missing() -> None:
    assert need([10, 20, 30, 40], 25, [0, 0, 10, 0]).orders_by_month().tolist() == [[0, 5, 20, 40]]


@given(
    st.lists(st.floats(0, 500), min_size=1, max_size=4),
    st.integers(0, 900),
    st.integers(0, 300),
    st.floats(0, 100),
)
def test_orders_of_months_add_up_to_what_is_missing(
    expected: list[float], stock: int, first: int, width: float
) -> None:
    found = need(expected, stock, [first, *[0] * (len(expected) - 1)], width=width)
    missing = max(0.0, sum(expected) - stock - first)
    assert found.orders_by_month().sum() == pytest.approx(missing, abs=0.5 + 1e-6)
    assert (found.to_order_safely >= found.to_order - 1e-9).all() or width == 0
    assert (found.runs_out(1.0) <= found.runs_out() + 1e-6).all()


def test_dealers_together_err_as_far_alike_as_their_forecast_says() -> None:
    mean = np.full((2, 1), 100.0)
    alone = demand_of(mean, mean - 10, mean + 10, 0.8, np.hypot(10, 10))
    alike = demand_of(mean, mean - 10, mean + 10, 0.8, 20.0)
    assert (alone.together, alike.together) == pytest.approx((0, 1))
    pairs, mix = (np.array([0, 1]), np.array([0, 0])), Mix(np.ones((2, 1)), np.zeros((2, 1)))
    terms = ([30, 60], [0.9, 0.9], [3, 3])
    for demand, width in ((alone, np.hypot(10, 10)), (alike, 20)):
        both = need_of(Calendar(TODAY, MONTHS[:1]), demand, mix, 1.0, pairs, np.zeros(2), np.zeros((2, 1)), terms, 31)
        low, high = grouped(both, [0, 0], 1, demand.together).interval_until(0.8)
        assert (high - low)[0] / 2 == pytest.approx(width)


BRANDS = Brands(np.ones((1, 3), bool), np.ones((1, 2), bool))


def test_a_dealer_with_few_sales_is_drawn_towards_its_brand() -> None:
    counts = np.array([[400.0, 100], [380, 120], [0, 2]])
    mix = pooled_mix(counts, BRANDS)
    assert mix.mean.sum(axis=1) == pytest.approx(1)
    assert mix.mean[0, 0] == pytest.approx(0.8, abs=0.02)
    assert 0.6 < mix.mean[2, 0] < 0.8
    assert mix.variance[2, 0] > 4 * mix.variance[0, 0]


def test_a_brand_of_one_dealer_is_told_by_that_dealer_alone() -> None:
    mix = pooled_mix(np.array([[9.0, 3]]), Brands(np.ones((1, 1), bool), np.ones((1, 2), bool)))
    assert 0.6 < mix.mean[0, 0] < 0.75
    assert 0.005 < mix.variance[0, 0] < 0.03


def test_newer_sales_count_for_more() -> None:
    counts = np.zeros((12, 1))
    counts[0], counts[-1] = 10, 10
    assert recent(counts)[0] == pytest.approx(10 + 10 * 0.5 ** (11 / 6))


@pytest.mark.parametrize("alike", [3.0, 30.0, 300.0])
def test_intervals_of_shares_hold_for_four_fifths_of_months(alike: float) -> None:
    """Simulated dealers of a brand, the less alike the smaller the concentration."""
    rng = np.random.default_rng(11)
    shares = rng.dirichlet(alike * np.array([0.5, 0.3, 0.2]), 20)
    counts = np.array([[rng.multinomial(rng.poisson(25), share) for share in shares] for _ in range(12)], float)
    found = backtest(counts, Brands(np.ones((1, 20), bool), np.ones((1, 3), bool)))
    assert found.cases > 400
    assert found.covered is not None
    assert 0.75 < found.covered < 0.9


def _position(levels: list[Level], *terms: Terms, months: int | None = None, today: date = TODAY) -> Position:
    dealers = tuple(DealerPlace(key, "", "Lada", "", "", "", None, None) for key in ("north", "south"))
    counts = np.zeros((12, 2, 2))
    counts[:, :, 0], counts[:, :, 1] = 15, 5
    stocked = np.zeros((2, 2))
    series = tuple(Series("sales", dealer, "new_car") for dealer in ("north", "south", ""))
    mean = np.array([[20.0] * 4, [20.0] * 4, [40.0] * 4])
    wide = np.array([[5.0], [5.0], [7.0]])
    outlook = Outlook(series, MONTHS, mean, mean - wide, mean + wide)
    selling = Selling(dealers, ("Granta", "Vesta"), counts, stocked)
    known = KnownTerms({(each.brand, each.model): each for each in terms})
    return position_of(outlook, "new_car", selling, {each.key: each for each in levels}, known, today, months=months)


def test_models_get_their_share_of_what_is_expected() -> None:
    level = Level("north", "Granta", 4, TODAY, {Month(2026, 11): 2, Month(2027, 1): 3, Month(2030, 1): 99})
    position = _position([level], months=1)
    rows = stock_report(position, StockQuestion(by=("dealer", "model")), None).items()
    told = {(row["dealer"], row["model"]): row for row in rows}
    granta = told["north", "Granta"]
    assert granta["expected"] == pytest.approx(15, abs=0.5)
    assert granta["expected_low"] < granta["expected"] < granta["expected_high"]
    assert (granta["in_stock"], granta["in_transit"], granta["to_order"]) == (4, 2, 9)
    assert granta["state"] == "short"
    assert position.late == 2
    assert sum(row["expected"] for row in rows) == pytest.approx(40)


def test_groups_add_up_to_their_dealers() -> None:
    position = _position([Level("north", "Granta", 4, TODAY)], months=2)
    by_model = stock_report(position, StockQuestion(by=("model",)), None)
    by_dealer = stock_report(position, StockQuestion(), None)
    assert by_model.totals == by_dealer.totals
    months = stock_report(position, StockQuestion(by=("model", "month")), None).items()
    assert [row["month"] for row in months[:4]] == [str(month) for month in MONTHS]
    assert sum(row["expected"] for row in months) == pytest.approx(160)
    assert stock_report(position, StockQuestion(by=("brand",), dealer="north"), None).totals[
        "expected"
    ] == pytest.approx(40)


def test_a_month_offers_what_is_there_less_what_is_sold_before() -> None:
    levels = [Level("north", "Granta", 30, TODAY, {Month(2027, 2): 10}), Level("north", "Vesta", 3, TODAY)]
    position = _position(levels)
    assert position.available_units("north", DECEMBER) == 33
    assert position.available_units("north", Month(2027, 1)) in (14, 15, 16), (
        "15 and 5 are sold, of the others none is left"
    )
    assert position.available_units("south", DECEMBER) is None, "nobody told its stock"
    assert position.available_units("north", Month(2031, 1)) is None
    assert position.limits("north")[0] == 33


def test_terms_of_a_model_go_before_those_of_its_brand() -> None:
    known = KnownTerms(
        {
            each: Terms(*each, lead_days=days)
            for each, days in {("Lada", "Vesta"): 10, ("Lada", ""): 20, ("", ""): 30}.items()
        }
    )
    assert [known.of(*each).lead_days for each in (("Lada", "Vesta"), ("Lada", "Granta"), ("Chery", "Tiggo"))] == [
        10,
        20,
        30,
    ]


def test_an_outlook_without_months_orders_nothing() -> None:
    nothing = Outlook((), (), np.zeros((0, 0)), np.zeros((0, 0)), np.zeros((0, 0)))
    selling = Selling((), (), np.zeros((12, 0, 0)), np.zeros((0, 0)))
    position = position_of(nothing, "new_car", selling, {}, KnownTerms({}), TODAY)
    assert stock_report(position, StockQuestion(), None).items() == []
    assert stock_report(position, StockQuestion(by=("model", "month")), None).items() == []
