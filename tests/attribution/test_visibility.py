"""Nobody is shown a name or a figure of a dealer or contractor that is not theirs, whatever report they open."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

import attribution
from attribution.anomalies.finding import Finding
from attribution.anomalies.notices import Notices
from attribution.answer import Answer
from attribution.feed.pages import Page
from attribution.measures import SUMS
from attribution.models import Model
from attribution.overview import Overview
from attribution.question import Condition
from attribution.reports import Calendar
from attribution.sharing import DealerShare
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput, NotFound, NotPermitted, NotReady
from tests.attribution.conftest import OpenServices
from tests.attribution.limited import CONTRACTORS, DEALERS, REPORTS, Shown, feed, romi, tell_holding
from tests.attribution.world import World

ALFA = Visibility(dealers=frozenset({"alfa"}))
TWO = Visibility(dealers=frozenset({"alfa", "beta"}))
XRAY = Visibility(contractors=frozenset({"xray"}))
VIEWERS = {
    "alfa": ALFA, "alfa and beta": TWO, "xray": XRAY, "no dealers": Visibility(dealers=frozenset()),
    "no contractors": Visibility(contractors=frozenset()),
}  # fmt: skip
REFUSED = {
    "model_report", "cost_matching", "offline_report", "experiments", "experiment_of", "experiment_report",
    "calibrated_report", "power_report", "noise_report", "noise_totals", "preview_rules",
    "maturity_report since touches", "unknown_marks", "deals_without_contacts",
}  # fmt: skip
REFUSED_TO_CONTRACTORS = REFUSED | {
    "unanswered", "dealer_comparison", "dealer_comparison of brands", "funnel_report", "lost_leads_report",
    "calls_report", "open_deals_report", "maturity_report", "self_reported_report", "performance_report",
    "unprocessed_report", "staffing_report", "path_report", "path_length_report", "time_to_conversion_report",
    "assisted_report",
}  # fmt: skip


@pytest.fixture(scope="module", params=["chdb", "server"])
def told(request: pytest.FixtureRequest, open_services: OpenServices) -> Iterator[World]:
    with open_services(request.param) as services:
        world = World(services)
        tell_holding(world)
        yield world


@pytest.fixture(scope="module")
def shown(told: World) -> Shown:
    return Shown(told)


def foreign(seen: Visibility) -> set[str]:
    return {name for name in DEALERS if not seen.sees_dealer(name)} | {
        name for name in CONTRACTORS if not seen.sees_contractor(name)
    }


def text_of(answer: object) -> str:
    """All of it: a frame's own text leaves rows out."""
    if isinstance(answer, Answer):
        rows = answer.rows.to_dict("records")
        return repr((rows, answer.totals, answer.about, answer.asked, repr(answer), answer.groups)).lower()
    if isinstance(answer, tuple | list):
        return " ".join(text_of(each) for each in answer)
    return repr(answer).lower()


def is_refused(name: str, seen: Visibility) -> bool:
    return name in (REFUSED if seen.contractors is None else REFUSED_TO_CONTRACTORS)


def grouping(seen: Visibility) -> str:
    return "dealer" if seen.contractors is None else "contractor"


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("name", REPORTS)
def test_no_foreign_name(shown: Shown, name: str, viewer: str) -> None:
    seen = VIEWERS[viewer]
    if is_refused(name, seen):
        with pytest.raises(NotPermitted) as refused:
            shown.report(name, seen, grouping(seen))
        assert refused.value.help
        answer: object = f"{refused.value.message} {refused.value.help}"
    else:
        answer = shown.report(name, seen, grouping(seen))
    text = text_of(answer)
    assert {each for each in foreign(seen) if each in text} == set()


@pytest.mark.parametrize("name", REPORTS)
def test_names_are_there_to_be_hidden(shown: Shown, name: str) -> None:
    """What the holding is shown names dealers or contractors, where there is anything to be shown at all."""
    nameless = {
        "overview", "maturity_report", "maturity_report since touches", "experiments", "experiment_of",
        "experiment_report", "calibrated_report", "power_report", "noise_report", "noise_totals", "noise_examples",
        "offline_report", "model_report", "preview_rules", "read_page of Channels", "read_page of Days",
        "staffing_report", "path_length_report", "time_to_conversion_report", "unknown_marks",
        "deals_without_contacts",
    }  # fmt: skip
    try:
        text = text_of(shown.report(name, EVERYTHING, "dealer"))
    except (NotFound, InvalidInput, NotReady):
        text = ""
    named = [each for each in (*DEALERS, *CONTRACTORS) if each in text]
    assert len(named) >= 2 or name in nameless or name in ("unanswered", "self_reported_report")


@pytest.mark.parametrize("viewer", ["no dealers", "no contractors"])
@pytest.mark.parametrize("name", REPORTS)
def test_who_sees_nothing_is_shown_no_figure(shown: Shown, name: str, viewer: str) -> None:
    seen = VIEWERS[viewer]
    if is_refused(name, seen):
        return
    answer = shown.report(name, seen, grouping(seen))
    if isinstance(answer, Answer):
        figures = answer.rows[[each.slug for each in answer.figures]]
        assert answer.rows.empty or (name == "contractor_register" and figures.isna().all(axis=None))
        ages = {"waiting", "talk", "back", "request"}
        assert not any(value for slug, value in answer.totals.items() if value and slug.partition("_")[0] not in ages)
    elif isinstance(answer, Overview):
        assert not any(each.value or each.before or any(each.line) for each in answer.figures)
    elif name == "standings":
        assert answer[0].rows.empty
        assert not any(table.rows for table in answer[1])


SAME_ROWS = {
    "romi_report": (), "romi_report_with_caveats": (), "funnel_report": (), "calls_report": (), "cohort_report": (),
    "cohort_report since touches": (), "performance_report": ("margin_lost",),
    "unprocessed_report": ("margin_lost",),
    "open_deals_report": (), "contractor_report": (), "contractor_report by month": (),
    "lost_leads_report": (
        "expected_conversion", "conversion_own", "expected_margin", "margin_own", "margin_lost", "margin_lost_low",
        "margin_lost_high",
    ),
    "dealer_comparison": tuple(f"{slug}_{part}" for slug in ("cr_lead_sale", "cps", "romi") for part in (
        "peers", "q", "flag")),
}  # fmt: skip
"""By report, the figures that whoever sees a part is told by another measure: of their own data, or not at all."""


@pytest.mark.parametrize("viewer", ["alfa", "alfa and beta", "xray"])
@pytest.mark.parametrize("name", SAME_ROWS)
def test_figures_are_those_of_the_same_rows_of_all(shown: Shown, name: str, viewer: str) -> None:
    seen = VIEWERS[viewer]
    by = grouping(seen)
    if is_refused(name, seen) or (by == "dealer" and name.startswith("contractor_report")):
        return
    whole, part = shown.report(name, EVERYTHING, by), shown.report(name, seen, by)
    names = seen.dealers if by == "dealer" else seen.contractors
    expected = whole.rows[whole.rows[by].isin(sorted(names or ()))]
    assert len(expected) > 0
    compare_rows(part, expected.drop(columns=list(SAME_ROWS[name])))


def compare_rows(part: Answer, expected: pd.DataFrame) -> None:
    keys = [name for name in part.names if name in expected]
    one, other = (each[list(expected.columns)].sort_values(keys, ignore_index=True) for each in (part.rows, expected))
    pd.testing.assert_frame_equal(one, other, check_dtype=False, rtol=1e-9)


def test_the_figures_of_contractors_are_of_the_dealers_that_are_seen(told: World, shown: Shown) -> None:
    """With media and fees that add up to the cost, shares of what names no dealer included."""
    for seen in (ALFA, TWO):
        answer = shown.report("contractor_report", seen)
        expected = romi(told, seen, "contractor")
        for slug in ("cost", "leads", "sales", "revenue", "margin"):
            assert dict(zip(answer.rows["contractor"], answer.rows[slug], strict=True)) == dict(
                zip(expected.rows["contractor"], expected.rows[slug], strict=True)
            )
            assert answer.totals[slug] == expected.totals[slug]
        parts = answer.rows["media"] + answer.rows["fees"]
        assert parts.to_numpy() == pytest.approx(answer.rows["cost"].to_numpy(), abs=0.001)
        assert (answer.rows["fees"] > 0).any()
        assert answer.rows["claimed_budget"].isna().all()


def test_totals_are_of_what_is_seen(told: World, shown: Shown) -> None:
    for seen in (ALFA, TWO):
        names = tuple(sorted(seen.dealers or ()))
        expected = romi(told, EVERYTHING, "channel", where=(Condition("dealer", names),)).totals
        assert romi(told, seen, "channel").totals == expected
        overview = shown.report("overview", seen)
        figures = [overview.of(slug).value for slug in ("cost", "leads", "sales", "margin")]
        assert figures == pytest.approx([expected[slug] for slug in ("cost", "leads", "sales", "margin")], abs=0.02)
        assert shown.report("dealer_comparison", seen).totals["cost"] == pytest.approx(expected["cost"])
        assert sum(row["cost"] for row in shown.report("standings", seen)[0].items()) == pytest.approx(expected["cost"])


def test_a_mean_that_would_tell_a_single_dealer_is_left_out(shown: Shown) -> None:
    """Of two of a brand one is hidden; of three in the holding, two are."""
    of_brand = shown.report("dealer_comparison of brands", ALFA).rows
    assert of_brand[["cps_peers", "cps_q"]].isna().to_numpy().all()
    assert (of_brand["cps_flag"] == "").all()
    of_all = shown.report("dealer_comparison", ALFA)
    assert of_all.rows["cps_peers"].notna().all()
    whole = shown.report("dealer_comparison", EVERYTHING)
    assert of_all.about["holding"]["cps"] == whole.totals["cps"]
    assert "holding" not in whole.about
    assert "holding" not in shown.report("dealer_comparison", TWO).about


def test_facts_of_the_feed_are_the_same_rows(told: World) -> None:
    whole = feed(told, EVERYTHING, "Facts")
    for seen, column, names in ((ALFA, "Dealer", ALFA.dealers), (XRAY, "Contractor", XRAY.contractors)):
        expected = [row for row in whole if names and row[column] in names]
        assert 0 < len(expected) < len(whole)
        assert feed(told, seen, "Facts") == expected
    campaigns = {str(row["Campaign"]) for row in feed(told, XRAY, "Campaigns")}
    assert {f"{dealer}-xray" for dealer in DEALERS} <= campaigns


def test_own_reference_data_stay(shown: Shown) -> None:
    document = shown.report("reference_document", ALFA)
    assert [each.id for each in document.dealers] == ["alfa"]
    assert [each.dealer for each in document.tracking_numbers] == ["alfa"]
    assert [(each.id, each.fees, each.claimed_budget) for each in document.contractors] == [
        ("xray", (), None), ("yolk", (), None)
    ]  # fmt: skip
    own = shown.report("reference_document", XRAY).contractors
    assert [(each.id, bool(each.fees)) for each in own] == [("xray", True)]


@pytest.mark.parametrize("by", ["manager", "properties.heard"])
def test_contractors_see_no_personal_data(told: World, by: str) -> None:
    with pytest.raises(NotPermitted) as refused:
        romi(told, XRAY, by)
    assert refused.value.help
    with pytest.raises(NotPermitted):
        romi(told, XRAY, "channel", where=(Condition(by, ("x",)),))
    assert not romi(told, ALFA, by).rows.empty


def test_a_condition_opens_nothing(told: World) -> None:
    """Neither what is asked for by name, nor all but one's own."""
    for condition in (Condition("dealer", ("beta",)), Condition("dealer", ("alfa",), excluded=True)):
        answer = romi(told, ALFA, "dealer", where=(condition,))
        assert answer.rows.empty
        assert not answer.totals["cost"]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dealers=some.sets(some.sampled_from(DEALERS)),
    by=some.sampled_from([("channel", "campaign", "month", "product"), ("contractor",)]),
    model=some.sampled_from([model for model in Model if model is not Model.MARKOV]),
    calendar=some.sampled_from(Calendar),
    share=some.sampled_from(DealerShare),
)
def test_what_some_see_and_what_the_rest_see_is_the_whole(
    told: World, dealers: set[str], by: tuple[str, ...], model: Model, calendar: Calendar, share: DealerShare
) -> None:
    """With the rows that are nobody's. To the last unit that is stored, in every group of all groupings together."""
    asked: dict[str, Any] = {"model": model, "calendar": calendar, "share": share, "measures": SUMS}
    whole = romi(told, EVERYTHING, *by, **asked)
    some_see, rest_see = (
        romi(told, Visibility(dealers=frozenset(names)), *by, **asked) for names in (dealers, {*DEALERS} - dealers)
    )
    nobodys = romi(told, EVERYTHING, *by, where=(Condition("dealer", ("(none)",)),), **asked)
    for slug in SUMS:
        parts = pd.concat([each.rows.set_index(list(by))[slug] for each in (some_see, rest_see, nobodys)])
        summed = parts.groupby(level=list(by)).sum().astype(float).round(6)
        expected = whole.rows.set_index(list(by))[slug].astype(float).round(6)
        assert summed[summed != 0].to_dict() == expected[expected != 0].to_dict()
        totals = (each.totals[slug] for each in (some_see, rest_see, nobodys))
        assert round(sum(totals), 6) == round(whole.totals[slug], 6)


def test_notices_by_subject(told: World) -> None:
    notices = Notices(told.services.database, told.services.clock)
    day = date(2026, 6, 1)
    for kind, subject in (("dealer", "alfa"), ("dealer", "beta"), ("contractor", "xray"), ("all", "all")):
        finding = Finding("leads_low", kind, subject, day, 1.0, 9.0, 0.001, 100.0, f"Leads of {subject} fell.")
        assert notices.raise_new(finding, "", day)
    shown = {name: [each.subject for each in notices.all(seen=seen)] for name, seen in VIEWERS.items()}
    assert shown == {
        "alfa": ["alfa"], "alfa and beta": ["alfa", "beta"], "xray": ["xray"], "no dealers": [], "no contractors": []
    }  # fmt: skip
    assert len(notices.all()) == 4
    assert not notices.all(seen=replace(ALFA, contractors=frozenset({"xray"})))
    betas = next(each for each in notices.all() if each.subject == "beta")
    with pytest.raises(NotFound):
        notices.acknowledge(betas.id, who="somebody", seen=ALFA)
    assert notices.acknowledge(betas.id, who="somebody", seen=TWO).state == "acknowledged"


@pytest.mark.parametrize("name", ["", "(none)", "(no touch)"])
def test_rows_of_nobody_are_not_given_away(name: str) -> None:
    with pytest.raises(ValueError, match="nobody's"):
        Visibility(dealers=frozenset({name}))
    with pytest.raises(ValueError, match="nobody's"):
        Visibility(contractors=frozenset({name}))


def test_conditions() -> None:
    assert EVERYTHING.is_everything
    assert EVERYTHING.conditions == ()
    assert TWO.conditions == (Condition("dealer", ("alfa", "beta")),)
    nothing = Visibility(dealers=frozenset())
    assert not nothing.is_everything
    assert nothing.conditions == (Condition("dealer", ()),)


_ANSWERS = {Answer, Overview, Page}
_OF_STORES = {"warehouse", "engine"}
_LISTS = {"standings", "unanswered", "noise_totals", "reference_document", "experiments", "experiment_of"}


def reports_there_are() -> dict[str, inspect.Signature]:
    """Every public function of the package that reads a store and returns an answer, and those that do otherwise."""
    found = {}
    for module in pkgutil.walk_packages(attribution.__path__, "attribution."):
        if ".versions" in module.name:
            continue
        for name, each in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            if each.__module__ != module.name or name.startswith("_"):
                continue
            signature = inspect.signature(each)
            answers = signature.return_annotation in _ANSWERS and _OF_STORES & set(signature.parameters)
            if answers or name in _LISTS:
                found[name] = signature
    return found


def test_every_report_is_limited_and_tried_here() -> None:
    found = reports_there_are()
    assert found.keys() >= _LISTS | {"romi_report", "funnel_report", "read_page", "overview"}
    assert [name for name, signature in found.items() if "seen" not in signature.parameters] == []
    for signature in found.values():
        seen = signature.parameters["seen"]
        assert (seen.kind, seen.default) == (inspect.Parameter.KEYWORD_ONLY, EVERYTHING)
    assert found.keys() - {name.partition(" ")[0] for name in REPORTS} == set()
