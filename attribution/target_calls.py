"""What a target call is, for the account and for each dealer that has a rule of its own."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from attribution.reference import reference_document
from attribution.reference_document import TargetCalls
from attribution.visibility import EVERYTHING, Visibility


@dataclass(frozen=True, slots=True)
class TargetRules:
    """The first rule is that of dealers without one: the account's, or as it ships."""

    rules: tuple[TargetCalls, ...]

    def parameters(self) -> dict[str, Any]:
        """As the statements of `calls.sql` take them; tags are compared in lower case."""
        return {
            "rule_dealers": [rule.dealer for rule in self.rules],
            "rule_talk": [rule.talk_s for rule in self.rules],
            "rule_tags": [[tag.lower() for tag in rule.tags] for rule in self.rules],
            "rule_without": [[tag.lower() for tag in rule.without_tags] for rule in self.rules],
            "rule_believe": [rule.believe_sender for rule in self.rules],
        }

    def as_told(self, seen: Visibility = EVERYTHING) -> list[dict[str, Any]]:
        """The account's, and those of the dealers that are seen."""
        return [rule.model_dump(mode="json") for rule in self.rules if not rule.dealer or seen.sees_dealer(rule.dealer)]


def target_rules(engine: Engine) -> TargetRules:
    """The rules in force."""
    told = reference_document(engine).target_calls
    account = next((rule for rule in told if not rule.dealer), TargetCalls())
    return TargetRules((account, *(rule for rule in told if rule.dealer)))
