"""Media plans: items within the approved budget, states, and who changed what."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from attribution.visibility import Visibility
from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import ClosedLoopError, Conflict, InvalidInput, NotFound
from planning.media.budget import budget_of
from planning.media.items import ToldItem
from planning.media.layout import as_told
from planning.media.months import Month
from planning.media.plans import MediaPlan, MediaPlans, MediaState, Step
from planning.plans import Plans
from tests.planning.media.conftest import NOVEMBER, Approve, approved_plan, item


def test_items_are_kept_in_order_and_every_change_is_noted(
    holding: Engine, media: MediaPlans, draft: MediaPlan
) -> None:
    plan = media.put(
        draft.id,
        [item("paid_search", 60_000, campaign="brand", leads=60), item("radio", 40_000, 10, 20, contractor="wave")],
        based_on=draft.revision,
        author="anna",
        why="first",
    )
    search, radio = media.items(plan.id)
    assert (search.channel, search.budget, search.cpl) == ("paid_search", 6_000_000, 100_000)
    plan = media.put(plan.id, [as_told(radio)], based_on=plan.revision, author="boris")
    assert [each.id for each in media.items(plan.id)] == [radio.id]
    newest, first, opened = media.changes(plan.id)
    assert (newest.author, newest.kind, len(newest.before), newest.before[0]["campaign"]) == (
        "boris",
        "items",
        2,
        "brand",
    )
    assert (first.author, first.why, [each["budget"] for each in first.after]) == ("anna", "first", [60_000, 40_000])
    assert opened.kind == "open"
    assert find_changes(holding, what=f"media plan {plan.id}")[1] == 3


def test_a_plan_is_opened_once(media: MediaPlans, draft: MediaPlan) -> None:
    again = media.open("north", NOVEMBER, author="boris", currency="USD")
    assert again == draft
    assert len(media.changes(draft.id)) == 1


def test_items_never_exceed_the_approved_budget(media: MediaPlans, draft: MediaPlan) -> None:
    over = [item("radio", 100_000), ToldItem("tv", 1, NOVEMBER.first, NOVEMBER.last)]
    with pytest.raises(InvalidInput, match=r"make 100 000.01 RUB, which is 0.01 RUB more than the approved budget"):
        media.put(draft.id, over, based_on=draft.revision, author="anna")
    assert media.items(draft.id) == []
    assert media.get(draft.id).revision == draft.revision


def test_without_an_approved_budget_items_have_no_money(holding: Engine, clock: FrozenClock) -> None:
    media = MediaPlans(holding, clock)
    plan = media.open("north", NOVEMBER, author="anna", currency="RUB")
    with pytest.raises(InvalidInput, match="No budget of north for 2026-11 is approved"):
        media.put(plan.id, [item("radio", 1)], based_on=1, author="anna")
    plan = media.put(plan.id, [item("radio", 0)], based_on=1, author="anna")
    with pytest.raises(InvalidInput, match="without money is not submitted"):
        media.step(plan.id, Step.SUBMIT, based_on=plan.revision, author="anna")


def test_the_months_plan_goes_before_the_years(holding: Engine, approve_budgets: Approve, plans: Plans) -> None:
    approve_budgets({"north": 500, "south": 70})
    approve_budgets({"north": 300}, month=11)
    plans.create("Not approved", 2026, currency="RUB", author="anna", month=11)
    with holding.connect() as connection:
        north, south = budget_of(connection, "north", NOVEMBER), budget_of(connection, "south", NOVEMBER)
        other = budget_of(connection, "north", Month(2026, 12))
    assert north
    assert (north.amount, north.is_of_month) == (300, True)
    assert south
    assert (south.amount, south.is_of_month) == (70, False)
    assert other is not None
    assert other.amount == 0


@pytest.mark.parametrize(("told", "where", "said"), [
    ([item("", 1)], "items.0.channel", "needs a channel"),
    ([item("tv", 1), item("radio", 1, 5, 4)], "items.1.to", "Item 2: The flight ends before it begins"),
    ([ToldItem("tv", 1, NOVEMBER.before.last, NOVEMBER.last)], "items.0.from", "2026-10-31 is not in 2026-11"),
    ([item("tv", 1, currency="USD")], "items.0.currency", "in USD, and the plan in RUB"),
    ([item("tv", 1), item("tv", 1, 30)], "items.1.from", "Items 1 and 2 are of the same"),
    ([item("tv", 1, leads=-1)], "items.0.leads", "0 or more"),
    ([item("tv", -1)], "items.0.budget", "not negative"),
    ([item("tv", 1, campaign="x" * 501)], "items.0.campaign", "cannot be kept"),
    ([item("tv", 1, id=99)], "items.0.id", "no item 99"),
    ([item("tv", 1)] * 501, "items", "500 items at most"),
])  # fmt: skip
def test_items_that_cannot_be_are_refused_at_their_place(
    media: MediaPlans, draft: MediaPlan, told: list[ToldItem], where: str, said: str
) -> None:
    with pytest.raises(ClosedLoopError, match=said) as refused:
        media.put(draft.id, told, based_on=draft.revision, author="anna")
    assert refused.value.where == where
    assert media.items(draft.id) == []


def test_two_flights_of_one_campaign_may_follow_each_other(media: MediaPlans, draft: MediaPlan) -> None:
    told = [item("tv", 1, 1, 10), item("tv", 1, 11, 20), item("tv", 1, campaign="sale")]
    assert len(media.items(media.put(draft.id, told, based_on=1, author="anna").id)) == 3


def test_a_plan_goes_from_draft_to_approved_and_back(media: MediaPlans) -> None:
    plan = approved_plan(media, "north", item("radio", 60_000))
    assert plan.state is MediaState.APPROVED
    assert plan.decided_by == "director"
    assert media.items(plan.id)[0].approved == 6_000_000
    with pytest.raises(Conflict, match="is approved, and no draft"):
        media.put(plan.id, [], based_on=plan.revision, author="anna")
    with pytest.raises(InvalidInput, match="Say why"):
        media.step(plan.id, Step.REOPEN, based_on=plan.revision, author="anna", why=" ")
    plan = media.step(plan.id, Step.REOPEN, based_on=plan.revision, author="anna", why="a new model")
    assert plan.is_open
    plan = media.step(plan.id, Step.SUBMIT, based_on=plan.revision, author="anna")
    plan = media.step(plan.id, Step.RETURN, based_on=plan.revision, author="director", why="too much radio")
    assert plan.is_open
    with pytest.raises(Conflict, match="is draft, and no submitted"):
        media.step(plan.id, Step.APPROVE, based_on=plan.revision, author="director")


def test_who_is_second_is_told_who_was_first(media: MediaPlans, draft: MediaPlan) -> None:
    media.put(draft.id, [item("radio", 1)], based_on=draft.revision, author="anna")
    with pytest.raises(Conflict, match="anna has changed this media plan meanwhile"):
        media.put(draft.id, [item("tv", 1)], based_on=draft.revision, author="boris")
    assert media.items(draft.id)[0].channel == "radio"


def test_of_many_who_approve_at_once_one_does(media: MediaPlans, draft: MediaPlan) -> None:
    plan = media.put(draft.id, [item("radio", 1)], based_on=1, author="anna")
    plan = media.step(plan.id, Step.SUBMIT, based_on=plan.revision, author="anna")

    def approve(number: int) -> bool:
        try:
            media.step(plan.id, Step.APPROVE, based_on=plan.revision, author=f"director {number}")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(approve, range(16))) == 1
    assert [each.kind for each in media.changes(plan.id)] == ["approve", "submit", "items", "open"]


def test_only_what_is_seen_is_found(media: MediaPlans) -> None:
    plan = approved_plan(media, "north", item("radio", 5, contractor="wave"), item("tv", 5, contractor="studio"))
    with pytest.raises(NotFound):
        media.get(plan.id, seen=Visibility(dealers=frozenset({"south"})))
    with pytest.raises(NotFound):
        media.get(plan.id, seen=Visibility(contractors=frozenset({"other"})))
    wave = Visibility(contractors=frozenset({"wave"}))
    assert [each.channel for each in media.items(plan.id, seen=wave)] == ["radio"]


def test_a_dealer_that_is_closed_has_no_media_plan(media: MediaPlans) -> None:
    with pytest.raises(InvalidInput, match="opens on 2027-04-15"):
        media.open("west", NOVEMBER, author="anna", currency="RUB")
