"""Where a dealer loses most, in figures told by hand."""

from typing import Any

import pytest

from attribution.bottleneck import bottleneck, step_losses

PEERS = {"cr_lead_qualified": 0.6, "cr_qualified_visit": 0.5, "cr_visit_sale": 0.4}


def row(own: dict[str, float | None], **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"cohort_leads": 100, "cohort_qualified": 50, "cohort_visits": 20}
    for slug, mean in PEERS.items():
        found |= {f"{slug}_adjusted": own[slug], f"{slug}_peers": mean, f"{slug}_flag": "", slug: own[slug]}
    return found | more


def test_a_step_loses_the_sales_that_its_peers_conversion_would_bring() -> None:
    own: dict[str, float | None] = {"cr_lead_qualified": 0.5, "cr_qualified_visit": 0.4, "cr_visit_sale": 0.5}
    losses = {loss.slug: loss.sales for loss in step_losses(row(own))}
    assert losses == {
        "cr_lead_qualified": pytest.approx(100 * 0.1 * 0.4 * 0.5),
        "cr_qualified_visit": pytest.approx(50 * 0.1 * 0.5),
        "cr_visit_sale": pytest.approx(20 * -0.1),
    }
    found = bottleneck(row(own, cr_qualified_visit_flag="worse"))
    assert found is not None
    assert (found.slug, found.came, found.is_notable) == ("cr_qualified_visit", 50, True)


def test_who_is_nowhere_below_its_peers_has_no_bottleneck() -> None:
    assert bottleneck(row(dict(PEERS))) is None


def test_a_step_that_cannot_be_compared_is_left_out() -> None:
    own = {**PEERS, "cr_qualified_visit": 0.4, "cr_visit_sale": None}
    losses = step_losses(row(own, cr_visit_sale=1.0))
    assert [loss.slug for loss in losses] == ["cr_lead_qualified", "cr_qualified_visit"]
    assert losses[1].sales == pytest.approx(50 * 0.1), "everybody who came bought"
