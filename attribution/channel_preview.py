"""What other channel rules would change, tried on what the newest run has seen before anybody keeps them."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import pandas as pd

from attribution.answer import Answer
from attribution.channels import ChannelRule
from attribution.measures import Measure, Unit
from attribution.models import Model
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "channel_preview")
_EXAMPLES = 5
_UNITS = {"leads": 10**9, "sales": 10**9, "cost": 10_000}
_FIELDS = ("source", "medium", "campaign", "click_ids", "referrer")
FIGURES = (
    Measure("combinations", "Combinations", Unit.COUNT),
    Measure("sessions", "Site visits", Unit.COUNT),
    Measure("leads", "Leads", Unit.COUNT),
    Measure("sales", "Sales", Unit.COUNT),
    Measure("cost", "Cost", Unit.MONEY),
)
OTHER = "other"


class RuleUse(StrEnum):
    """What a rule does on what was there: `used`, it matches `nothing`, or earlier rules take all that it matches."""

    USED = "used"
    NEVER = "never"
    SHADOWED = "shadowed"


def preview_rules(
    warehouse: Warehouse,
    current: Sequence[ChannelRule],
    proposed: Sequence[ChannelRule],
    model: Model = Model.LAST_NON_DIRECT,
    *,
    seen: Visibility = EVERYTHING,
) -> Answer:
    """A row for each move from a channel of the current rules to another of the proposed ones, over all of history.

    Leads and sales are credited as the newest run did, by `model`. `about` holds examples of what moves, how much is
    `other` before and after, and what each proposed rule does. Raises `InvalidInput` for Markov, and `NotReady` where
    nothing was attributed yet, and `NotPermitted`.
    """
    seen.check_sees_everything("What channel rules would change", "The ROMI report has the channels as they are.")
    if model is Model.MARKOV:
        raise InvalidInput(
            "Markov's credit changes with the channels themselves, which a preview does not attribute anew.",
            where="model",
            help="Choose another model here; once the rules are kept, the next run has Markov's credit by them.",
        )
    run = newest_run(warehouse)
    told = _told(proposed)
    columns = {"model": model.value, "model_before": f"{model.value}_before"}
    asked = {"run": run.number, "both": [_told(current), told], "examples": _EXAMPLES, **columns}
    found = warehouse.frame(_SQL["moved_channels"], asked)
    scaled = found.assign(**{name: found[name] / units for name, units in _UNITS.items()})
    moved = scaled[scaled["from"] != scaled["to"]].reset_index(drop=True)
    return Answer(
        "channel-rules",
        run,
        ("from", "to"),
        FIGURES,
        moved[["from", "to", *(each.slug for each in FIGURES)]],
        {"model": model.value, "rules": len(proposed)},
        _sums(moved),
        {
            "examples": _examples(moved),
            "unmatched": {
                side: _sums(scaled[scaled[end] == OTHER]) for side, end in (("before", "from"), ("after", "to"))
            },
            "rules": _uses(warehouse.rows(_SQL["rules_used"], {"run": run.number, "rules": told}), proposed),
        },
    )


def _told(rules: Sequence[ChannelRule]) -> list[tuple[str, ...]]:
    return [(each.channel, each.source, each.medium, each.campaign, each.click_id, each.referrer) for each in rules]


def _sums(rows: pd.DataFrame) -> dict[str, Any]:
    return {each.slug: _whole(rows[each.slug].sum()) for each in FIGURES}


def _whole(value: float) -> float | int:
    return int(value) if float(value).is_integer() else round(float(value), 9)


def _examples(moved: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {"from": row["from"], "to": row["to"], **dict(zip(_FIELDS, combination, strict=True))}
        for row in moved.to_dict("records")
        for combination in row["examples"]
    ]


def _uses(found: Sequence[dict[str, Any]], rules: Sequence[ChannelRule]) -> list[dict[str, Any]]:
    by_place = {row["position"]: row for row in found}
    return [_use(place, rule, by_place.get(place)) for place, rule in enumerate(rules, 1)]


def _use(place: int, rule: ChannelRule, found: dict[str, Any] | None) -> dict[str, Any]:
    told: dict[str, Any] = {"position": place, "channel": rule.channel, "use": RuleUse.NEVER, "matched": 0, "taken": 0}
    if found:
        told |= {"matched": found["matched"], "taken": found["taken"]}
        told["use"] = RuleUse.USED if found["taken"] else RuleUse.SHADOWED
    return told | {"shadowed_by": found["shadowed_by"] if found and not found["taken"] else None}
