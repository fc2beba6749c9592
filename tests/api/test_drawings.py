"""Scales, whiskers and scatters: where things stand, in percent."""

import pytest

from api.scale import interval_scale, round_scale
from api.scatter import Spot, draw_scatter
from api.whiskers import scale_for, whisker


def spot(name: str, x: float | None, y: float | None, size: float = 1) -> Spot:
    return Spot(name, f"/dealers/{name}", x, y, size, name, ("", "", ""), False)


def test_a_scale_holds_its_values_on_round_ends() -> None:
    scale = round_scale([0.013, 0.187])
    assert scale.low == 0
    assert scale.high == pytest.approx(0.2)
    assert [tick.label for tick in scale.ticks("cr_lead_sale")] == ["0%", "5%", "10%", "15%", "20%"]
    assert (scale.at(0.1), scale.at(-5), scale.at(5)) == (50, 0, 100)
    assert round_scale([]).high == 1
    assert round_scale([7.0]).holds(7)
    assert round_scale([-3.0]).holds(-3)


def test_an_interval_without_end_does_not_make_all_else_small() -> None:
    scale = interval_scale([10.0, 20.0], [5.0, 1e9])
    assert scale.high <= 40
    cut = whisker(scale, (20.0, 15.0, 1e9))
    whole = whisker(scale, (10.0, 8.0, 12.0))
    assert cut is not None
    assert whole is not None
    assert (cut.is_cut, cut.high, whole.is_cut) == (True, 100, False)
    assert whole.low < whole.at < whole.high


def test_what_has_no_value_is_not_drawn() -> None:
    scale = scale_for([(None, None, None), (1.0, None, 2.0)])
    assert whisker(scale, (None, 1.0, 2.0)) is None
    open_end = whisker(scale, (1.0, None, 2.0))
    assert open_end is not None
    assert (open_end.low, open_end.is_cut) == (0, True)


def test_dots_are_as_large_as_what_stands_behind_them() -> None:
    found = draw_scatter(
        [spot("small", 1, 1, 4), spot("large", 2, 2, 16), spot("none", None, 1)], ("cpl", "cr_lead_sale"), (1.5, None)
    )
    assert found is not None
    large, small = found.dots
    assert (large.spot.name, small.radius * 2) == ("large", large.radius)
    assert large.y < small.y, "higher is further up"
    assert (found.missing, found.y_mean) == (["none"], None)
    assert found.x_mean == pytest.approx((large.x + small.x) / 2)
    assert draw_scatter([spot("none", None, 1)], ("cpl", "cr_lead_sale"), (None, None)) is None


def test_names_do_not_lie_over_each_other() -> None:
    found = draw_scatter(
        [spot(f"d{n}", 10 + n / 100, 10, n) for n in range(5)] + [spot("far", 20, 20)], ("cpl", "cps"), (None, None)
    )
    assert found is not None
    assert [(dot.label, dot.on_left) for dot in found.dots if dot.label] == [("d4", False), ("far", True)]


def test_a_name_hides_no_other_dot() -> None:
    beside = [spot("left", 10, 10, 9), spot("right", 10.7, 10, 4), spot("end", 20, 20), spot("start", 0, 20)]
    found = draw_scatter(beside, ("cpl", "cps"), (None, None))
    assert found is not None
    assert [(dot.label, dot.on_left) for dot in found.dots][:2] == [("left", True), ("right", False)]
