"""The reasons why an event is noise, and the rule of each.

Law: whether an event is noise by a rule depends on its own fields, and on events of the same group (of a visitor, click
id, internet address, caller, block of numbers or contact) at most `seconds` before or after it. Of a form, on how its
session began. Nothing else is asked: of what was judged before, only those groups are judged anew to which changed
events belong or belonged.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked


class Reason(StrEnum):
    """Each is the name of a statement of `attribution/sql/noise_of_….sql`."""

    BOT = "bot"
    RAPID_CLICKS = "rapid_clicks"
    DUPLICATE_CLICK = "duplicate_click"
    SHARED_CLICK_ID = "shared_click_id"
    CROWDED_ADDRESS = "crowded_address"
    CALL_FLOOD = "call_flood"
    SEQUENTIAL_CALLERS = "sequential_callers"
    ULTRA_SHORT_CALL = "ultra_short_call"
    DUPLICATE_LEAD = "duplicate_lead"
    PHONE_ACROSS_DEALERS = "phone_across_dealers"
    MANY_PHONES = "many_phones"
    TEST_LEAD = "test_lead"
    INVALID_PHONE = "invalid_phone"
    FAST_FORM = "fast_form"


class Action(StrEnum):
    """What becomes of an event that a rule finds."""

    OFF = "off"  # the rule does not look
    FLAG = "flag"  # it is shown, and counts
    EXCLUDE = "exclude"  # it is shown, and is no touch, call or lead


@checked(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class NoiseRule:
    """More than `most` within `seconds`. A limit that a reason does not ask for is 0."""

    reason: Reason
    action: Action
    most: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    seconds: Annotated[int, Field(ge=0, le=31 * 86_400)] = 0

    def as_dict(self) -> dict[str, Any]:
        return {"reason": self.reason.value, "action": self.action.value, "most": self.most, "seconds": self.seconds}


DEFAULT_RULES = (
    NoiseRule(Reason.BOT, Action.EXCLUDE),
    NoiseRule(Reason.RAPID_CLICKS, Action.EXCLUDE, most=30, seconds=60),
    NoiseRule(Reason.DUPLICATE_CLICK, Action.EXCLUDE, seconds=10),
    NoiseRule(Reason.SHARED_CLICK_ID, Action.FLAG, most=3, seconds=86_400),
    NoiseRule(Reason.CROWDED_ADDRESS, Action.FLAG, most=20, seconds=600),
    NoiseRule(Reason.CALL_FLOOD, Action.EXCLUDE, most=6, seconds=600),
    NoiseRule(Reason.SEQUENTIAL_CALLERS, Action.EXCLUDE, most=4, seconds=3600),
    NoiseRule(Reason.ULTRA_SHORT_CALL, Action.FLAG, seconds=3),
    NoiseRule(Reason.DUPLICATE_LEAD, Action.FLAG, seconds=600),
    NoiseRule(Reason.PHONE_ACROSS_DEALERS, Action.FLAG, most=3, seconds=86_400),
    NoiseRule(Reason.MANY_PHONES, Action.FLAG, most=3, seconds=86_400),
    NoiseRule(Reason.TEST_LEAD, Action.FLAG),
    NoiseRule(Reason.INVALID_PHONE, Action.FLAG),
    NoiseRule(Reason.FAST_FORM, Action.FLAG, seconds=3),
)
_BY_REASON = {rule.reason: rule for rule in DEFAULT_RULES}


@dataclass(frozen=True, slots=True)
class Limits:
    """Which limits a reason asks for."""

    most: bool
    seconds: bool


def limits_of(reason: Reason) -> Limits:
    shipped = _BY_REASON[reason]
    return Limits(most=shipped.most > 0, seconds=shipped.seconds > 0)
