"""The payer's side: approve, send back, refuse, extend, check a claim, settle, pay; and cancelling, by either side."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from pydantic import Field

from infra.errors import InvalidInput
from planning.desk import Desk
from planning.funds.activity import Activity
from planning.funds.documents import WHOLE, Day, Share, Text, Told, Word
from planning.funds.states import Act
from planning.funds.stepping import Asked, Step, stepping
from planning.money import part_of


class Decision(Told):
    """`share` is what is approved, in percent, the wanted one unless said; `percent` how much of the claim is settled.

    `until` is the new deadline of a claim. `day` and `payment` are when, and under which reference, it was paid.
    """

    act: Act
    revision: int = Field(ge=1, le=2**31 - 2)
    comment: Text = ""
    share: Share | None = None
    percent: Share | None = None
    until: Day | None = None
    day: Day | None = None
    payment: Word = ""


def decide(desk: Desk, key: int, told: Decision, asked: Asked) -> Activity:
    """Raises `InvalidInput`, `NotFound`, `Conflict`."""
    asked = replace(asked, based_on=told.revision, comment=told.comment)
    if told.act not in _DECIDING:
        raise InvalidInput(
            f"“{told.act.value}” is no decision.", where="act", help=f"Decisions are {', '.join(_DECIDING)}."
        )
    with stepping(desk, key, told.act, asked) as step:
        return _DECIDING[told.act](step, told)


def _approve(step: Step, told: Decision) -> Activity:
    share = told.share or step.activity.share
    most = step.programme.told.share
    if share > most:
        raise InvalidInput(
            f"The programme pays {most} % of an activity at most.", where="share", help=f"Approve {most} % or less."
        )
    amount = part_of(step.activity.cost, Decimal(share))
    step.posting.reserve(step.activity.id, amount, step.activity.title)
    until = step.activity.last_day + timedelta(days=step.programme.told.claim_days)
    return step.take(amount=amount, approved_share=share, claim_until=until)


def _only_move(step: Step, told: Decision) -> Activity:
    return step.take()


def _give_back(step: Step, told: Decision) -> Activity:
    """Nothing of it is paid: what was reserved is free again."""
    return step.take(amount=step.release() or None)


def _lapse(step: Step, told: Decision) -> Activity:
    until = step.activity.claim_until
    if until and step.desk.today <= until:
        raise InvalidInput(
            f"It can be claimed until {until}.", where="claim_until", help="Wait for the deadline, or cancel it."
        )
    return _give_back(step, told)


def _extend(step: Step, told: Decision) -> Activity:
    if told.until is None:
        raise InvalidInput("The new deadline is missing.", where="until", help="Write the day until which to claim.")
    present = step.activity.claim_until
    if told.until < step.desk.today or (present and told.until <= present):
        raise InvalidInput(
            f"{told.until} extends nothing.", where="until", help=f"Write a day after {present}, and not in the past."
        )
    return step.take(claim_until=told.until)


def _return_claim(step: Step, told: Decision) -> Activity:
    return step.take(payable=None)


def _settle(step: Step, told: Decision) -> Activity:
    percent = told.percent or WHOLE
    if percent < WHOLE and not step.asked.comment:
        raise InvalidInput(
            "A part only is settled, and nobody knows why.", where="comment", help="Say what the rest lacks."
        )
    amount = part_of(step.activity.payable or 0, Decimal(percent))
    step.posting.settle(step.activity.id, amount, step.activity.title)
    step.release()
    return step.take(amount=amount, settled_percent=percent)


def _pay(step: Step, told: Decision) -> Activity:
    day = told.day or step.desk.today
    if not told.payment:
        raise InvalidInput("The payment has no reference.", where="payment", help="Write the number of the transfer.")
    if day > step.desk.today or day < step.activity.first_day:
        raise InvalidInput(
            f"It cannot have been paid on {day}.", where="day", help="Write the day of the transfer, today or before."
        )
    return step.take(amount=step.activity.settled, paid_on=day, payment=told.payment)


_DECIDING = {
    Act.APPROVE: _approve,
    Act.RETURN: _only_move,
    Act.REFUSE: _only_move,
    Act.CANCEL: _give_back,
    Act.EXTEND: _extend,
    Act.RETURN_CLAIM: _return_claim,
    Act.REFUSE_CLAIM: _give_back,
    Act.SETTLE: _settle,
    Act.PAY: _pay,
    Act.LAPSE: _lapse,
}
