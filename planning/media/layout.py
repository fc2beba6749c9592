"""Laying a budget out over items: by what was spent, by what a lead cost, evenly, or by own weights.

Law: the items add up to the budget; each has whole units of the currency, but for what the budget itself lacks, and
what is ordered of an item stays with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from infra.errors import InvalidInput
from planning.media.items import MediaItem, ToldItem
from planning.media.measured import Measured, measured_channels
from planning.media.money import MINOR, in_words
from planning.media.months import Month
from planning.media.parts import in_parts
from planning.media.spending import Line, Spending

_MOST_PROPOSED = 12


class LayOut(StrEnum):
    SPEND = "spend"
    CPL = "cpl"
    EVEN = "even"
    WEIGHTS = "weights"


def lay_out(
    budget: int,
    items: Sequence[MediaItem],
    spending: Spending,
    dealer: str,
    month: Month,
    *,
    by: LayOut,
    currency: str,
    weights: Mapping[int, float] | None = None,
    committed: Mapping[int, int] | None = None,
) -> list[ToldItem]:
    """The items with their new budgets, and what they are expected to bring.

    Where there are none, those that the last three months' spend names are proposed. Raises `InvalidInput`.
    """
    told = [as_told(item) for item in items] or proposed(spending, dealer, month)
    if not told:
        raise InvalidInput(
            "There is nothing to lay the budget out over: no item, and no spend in the three months before.",
            where="items",
            help="Add an item with its channel first.",
        )
    ordered = [(committed or {}).get(item.id or 0, 0) for item in told]
    free = budget - sum(ordered)
    if free < 0:
        raise InvalidInput(
            f"{in_words(sum(ordered), currency)} are ordered, and the budget is {in_words(budget, currency)}.",
            where="items",
            help="Have the budget amended, or cancel orders.",
        )
    parts = in_parts(free, _weights(told, spending, dealer, by, weights or {}), MINOR)
    measured = measured_channels(spending, dealer)
    return [
        expected(replace(item, budget=part + fixed), measured)
        for item, part, fixed in zip(told, parts, ordered, strict=True)
    ]


def proposed(spending: Spending, dealer: str, month: Month) -> list[ToldItem]:
    """Channels and contractors that the dealer paid for in the three months before, the dearest first."""
    costs: dict[tuple[str, str], float] = {}
    for line in spending.before.get(dealer, ()):
        if line.channel and line.total.cost > 0:
            key = line.channel, line.contractor
            costs[key] = costs.get(key, 0.0) + line.total.cost
    dearest = sorted(costs, key=lambda key: (-costs[key], key))[:_MOST_PROPOSED]
    return [ToldItem(channel, 0, month.first, month.last, contractor=contractor) for channel, contractor in dearest]


def expected(item: ToldItem, measured: Mapping[str, Measured]) -> ToldItem:
    """With what so much money has brought in its channel; as it is where nothing is measured."""
    known = measured.get(item.channel)
    if known is None:
        return replace(item, cpl_of="")
    impressions, clicks, leads = known.expected(item.budget)
    return replace(item, impressions=impressions, clicks=clicks, leads=leads, cpl_of=known.of)


def as_told(item: MediaItem) -> ToldItem:
    return ToldItem(
        item.channel,
        item.budget,
        item.first,
        item.last,
        item.campaign,
        item.contractor,
        item.pacing,
        item.impressions,
        item.clicks,
        item.leads,
        item.cpl_of,
        item.note,
        id=item.id,
    )


def _weights(
    items: Sequence[ToldItem], spending: Spending, dealer: str, by: LayOut, told: Mapping[int, float]
) -> list[float]:
    """Raises `InvalidInput` where none of them is more than 0."""
    if by is LayOut.EVEN:
        return [1.0] * len(items)
    if by is LayOut.WEIGHTS:
        found = [float(told.get(place, 0.0)) for place in range(len(items))]
        if min(found) < 0 or not any(found):
            raise InvalidInput(
                "Weights are 0 or more, and one of them is more.", where="weights", help="Write 2 for twice as much."
            )
        return found
    found = _by_spend(items, spending, dealer) if by is LayOut.SPEND else _by_cpl(items, spending, dealer)
    if not any(found):
        raise InvalidInput(
            "Nothing was spent on these items in the three months before."
            if by is LayOut.SPEND
            else "No CPL is measured for any of these channels: less than ten leads came in the three months before.",
            where="by",
            help="Lay the budget out evenly, or by own weights.",
        )
    return found


def _by_spend(items: Sequence[ToldItem], spending: Spending, dealer: str) -> list[float]:
    """Campaigns change from month to month: one that was not there before shares its channel's spend in equal parts."""
    found = [0.0] * len(items)
    for line in spending.before.get(dealer, ()):
        for place in (places := _sharing(items, line)):
            found[place] += max(0.0, line.total.cost) / len(places)
    return found


def _sharing(items: Sequence[ToldItem], line: Line) -> list[int]:
    """The items of the line's own campaign, else all of its channel and contractor."""
    fitting = [
        place
        for place, item in enumerate(items)
        if item.channel == line.channel and item.contractor in ("", line.contractor)
    ]
    named = [place for place in fitting if items[place].campaign.casefold() == line.campaign.casefold()]
    return (named if line.campaign else []) or fitting


def _by_cpl(items: Sequence[ToldItem], spending: Spending, dealer: str) -> list[float]:
    """What a lead costs half as much gets twice as much; a channel without a measured CPL has the mean weight."""
    measured = measured_channels(spending, dealer)
    known = [1 / measured[item.channel].cpl for item in items if item.channel in measured]
    mean = sum(known) / len(known) if known else 0.0
    return [1 / measured[item.channel].cpl if item.channel in measured else mean for item in items]
