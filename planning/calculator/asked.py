"""What a calculation is asked for: a goal, and what the user holds. Money is in units of the account's currency."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from infra.errors import InvalidInput

_MOST = 1e13


@dataclass(frozen=True, slots=True)
class ChannelAsked:
    """What is held of a channel; None is measured, or follows. `share` is of the whole budget, from 0 to 1."""

    channel: str
    cpl: float | None = None
    visit_rate: float | None = None
    sale_rate: float | None = None
    budget: float | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Either `sales` are wanted, or a `budget` is given; neither is the usual budget.

    `cpl`, `visit_rate` (visits of leads) and `sale_rate` (sales of visits) hold of all channels together. `stock` are
    the units there are to sell; None is no limit.
    """

    sales: float | None = None
    budget: float | None = None
    cpl: float | None = None
    visit_rate: float | None = None
    sale_rate: float | None = None
    channels: tuple[ChannelAsked, ...] = ()
    stock: float | None = None
    currency: str = ""


def check_asked(asked: Asked, channels: Sequence[str], currency: str) -> None:
    """Raises `InvalidInput`, which names the field: of a channel by its place among `asked.channels`."""
    if asked.currency and asked.currency != currency:
        raise InvalidInput(
            f"The amounts are in {asked.currency}, and the account counts in {currency}.",
            where="currency",
            help=f"Write all amounts in {currency}: money of two currencies is not mixed.",
        )
    if asked.sales is not None and asked.budget is not None:
        raise InvalidInput(
            "Wanted sales and the budget are both held: one of them has to follow from the other.",
            where="budget",
            help="Leave one of the two open.",
        )
    _check_amounts((("sales", asked.sales), ("budget", asked.budget), ("stock", asked.stock)), "")
    _check_rates(asked.cpl, asked.visit_rate, asked.sale_rate, "", asked.sales)
    _check_channels(asked, channels)
    if asked.sales is not None and asked.stock is not None and asked.sales > asked.stock:
        raise InvalidInput(
            f"{asked.sales:,.0f} sales are wanted, and there are {asked.stock:,.0f} units to sell in this month.",
            where="sales",
            help="Want fewer sales, order more units, or leave the stock out.",
        )


def _check_channels(asked: Asked, channels: Sequence[str]) -> None:
    named = [each.channel for each in asked.channels]
    for place, each in enumerate(asked.channels):
        at = f"channels.{place}."
        if each.channel not in channels:
            raise InvalidInput(
                f"Nothing was spent on the channel {each.channel!r}, and nothing came of it.",
                where=f"{at}channel",
                help=f"Choose of {', '.join(channels)}.",
            )
        if named.index(each.channel) != place:
            raise InvalidInput(
                f"The channel {each.channel!r} is told twice.", where=f"{at}channel", help="Tell it once."
            )
        if each.budget is not None and each.share is not None:
            raise InvalidInput(
                f"Of {each.channel} the budget and its share of the whole are both held.",
                where=f"{at}share",
                help="Leave one of the two open.",
            )
        _check_amounts((("budget", each.budget),), at)
        _check_rates(each.cpl, each.visit_rate, each.sale_rate, at, None)
        if each.share is not None and not 0 <= each.share <= 1:
            raise InvalidInput("A share of the budget lies from 0 to 100%.", where=f"{at}share", help="Correct it.")
    _check_shares(asked)


def _check_shares(asked: Asked) -> None:
    shares = math.fsum(each.share for each in asked.channels if each.share is not None)
    if shares > 1 + 1e-9:
        raise InvalidInput(
            f"The shares that are held add up to {100 * shares:.1f}% of the budget.",
            where="channels",
            help="Lower one of them, so that they make 100% at most.",
        )
    held = math.fsum(each.budget for each in asked.channels if each.budget is not None)
    if asked.budget is not None and held > asked.budget + 0.005:
        raise InvalidInput(
            f"The budgets that are held of channels make {held:,.2f}, and the whole budget is {asked.budget:,.2f}.",
            where="budget",
            help="Raise the whole budget, or lower one of theirs.",
        )


def _check_amounts(told: Sequence[tuple[str, float | None]], at: str) -> None:
    for name, value in told:
        if value is not None and not 0 <= value <= _MOST:
            raise InvalidInput(f"A number of {name} cannot be {value:g}.", where=f"{at}{name}", help="Write 0 or more.")


def _check_rates(
    cpl: float | None, visit_rate: float | None, sale_rate: float | None, at: str, sales: float | None
) -> None:
    if cpl is not None and not 0 < cpl <= _MOST:
        raise InvalidInput(
            "A lead that costs nothing, or less, needs no budget: none can be reckoned with a CPL of 0.",
            where=f"{at}cpl",
            help="Write what a lead costs, or leave it to what is measured.",
        )
    for name, value in (("visit_rate", visit_rate), ("sale_rate", sale_rate)):
        if value is not None and not 0 <= value <= 1:
            raise InvalidInput(
                f"A conversion of {100 * value:g}% cannot be.", where=f"{at}{name}", help="Write 0 to 100%."
            )
        if value == 0 and sales:
            raise InvalidInput(
                "With a conversion of 0 no budget brings a sale.",
                where=f"{at}{name}",
                help="Write more than 0, or leave it to what is measured.",
            )
