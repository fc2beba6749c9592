"""A fund programme: who pays, for which quarters, by which rules, and how much of an activity."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attribution.visibility import EVERYTHING, Visibility
from planning.funds.documents import ProgrammeTold, Rule
from planning.funds.ledger import Account, Buckets
from planning.funds.quarters import Quarter, quarter_of
from planning.money import part_of, units_of


@dataclass(frozen=True, slots=True)
class FundDealer:
    """A dealer of the reference data."""

    id: str
    name: str
    brand: str

    @property
    def title(self) -> str:
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Programme:
    """`changed_at` is in UTC; whoever changes it says on which `revision` the change is based."""

    id: int
    told: ProgrammeTold
    revision: int
    changed_at: datetime
    changed_by: str

    @property
    def currency(self) -> str:
        return self.told.currency

    def as_dict(self, seen: Visibility = EVERYTHING) -> dict[str, Any]:
        """Without rules of dealers that are not seen."""
        told = self.told.model_dump(exclude={"rules"})
        rules = [rule for rule in self.told.rules if not rule.dealer or seen.sees_dealer(rule.dealer)]
        return {
            "id": self.id,
            **told,
            "rules": [_rule(rule) for rule in rules],
            "revision": self.revision,
            "changed_at": self.changed_at.isoformat(),
            "changed_by": self.changed_by,
        }

    def takes_in(self, dealer: FundDealer) -> bool:
        """Whether any rule gives the dealer something in some quarter."""
        return any(rule.dealer in ("", dealer.id) and rule.brand in ("", dealer.brand) for rule in self.told.rules)

    def rule_for(self, dealer: FundDealer, quarter: Quarter) -> Rule | None:
        fitting = [rule for rule in self.told.rules if rule.fits(dealer.id, dealer.brand, quarter)]
        return max(fitting, key=lambda rule: rule.weight, default=None)

    def earned(self, dealer: FundDealer, quarter: Quarter, purchases: int) -> int:
        """What the rule gives for purchases of that amount, both in minor units."""
        rule = self.rule_for(dealer, quarter)
        if rule is None:
            return 0
        if rule.amount is not None:
            return units_of(rule.amount, "amount")
        return part_of(purchases, rule.percent or Decimal(0))

    def begun(self, today: date) -> list[Quarter]:
        """Its quarters that have begun."""
        return [quarter for quarter in self.told.quarters if quarter.first_day <= today]

    def expires_on(self, quarter: Quarter) -> date | None:
        """The last day on which money of the quarter can be reserved; None where it is carried over without end."""
        carried = self.told.carry_quarters
        return None if carried is None else quarter.after(carried).last_day

    def has_expired(self, quarter: Quarter, today: date) -> bool:
        last_day = self.expires_on(quarter)
        return last_day is not None and last_day < today

    def last_day(self) -> date | None:
        """After which no activity of it can begin; None where money is carried over without end."""
        return self.expires_on(self.told.quarters[-1])

    def on_day(self, buckets: Buckets, today: date) -> Buckets:
        """Balances as they are on that day, whether expiries have been posted yet or not."""
        return {
            quarter: bucket.moved(Account.AVAILABLE, Account.EXPIRED, bucket.available)
            if self.has_expired(quarter, today)
            else bucket
            for quarter, bucket in buckets.items()
        }


def usual_quarter(programme: Programme, today: date) -> Quarter:
    """The present one, within the programme's period."""
    quarters = programme.told.quarters
    return min(max(quarter_of(today), quarters[0]), quarters[-1])


def _rule(rule: Rule) -> dict[str, Any]:
    told = {name: value for name, value in rule.model_dump().items() if value not in ("", None)}
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in told.items()}
