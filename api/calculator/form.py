"""The form of the calculator's page, as its address has it: percents as people write them, and what is locked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from infra.errors import InvalidInput
from planning.calculator.question import CalculatorQuestion, ChannelTold

FIELDS = ("cpl", "visit_rate", "sale_rate", "budget", "share")
PERCENTS = frozenset({"visit_rate", "sale_rate", "share"})
GOALS = ("usual", "sales", "budget")


@dataclass(frozen=True)
class CalculatorForm:
    """`texts` are fields as they were written, by name; `locks` names the fields of channels that are held."""

    dealer: str
    direction: str
    month: str
    goal: str
    texts: Mapping[str, str]
    locks: frozenset[str]

    def question(self) -> CalculatorQuestion:
        """Raises `InvalidInput`, which names the field."""
        amount = self._number("amount")
        if self.goal != "usual" and amount is None:
            raise InvalidInput(
                "The goal has no number.",
                where="amount",
                help="Write how many sales are wanted, or how much money there is.",
            )
        named: dict[str, dict[str, Any]] = {}
        for lock in sorted(self.locks):
            field, _, channel = lock.partition("|")
            if field in FIELDS and channel:
                named.setdefault(channel, {})[field] = self._number(lock)
        return CalculatorQuestion(
            dealer=self.dealer,
            direction=self.direction,
            month=self.month,
            sales=amount if self.goal == "sales" else None,
            budget=amount if self.goal == "budget" else None,
            cpl=self._number("cpl"),
            visit_rate=self._number("visit_rate"),
            sale_rate=self._number("sale_rate"),
            stock=self._number("stock"),
            channels=tuple(ChannelTold(channel=channel, **held) for channel, held in named.items()),
        )

    def _number(self, name: str) -> float | None:
        text = self.texts.get(name, "")
        if not text:
            return None
        plain = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "").replace("%", "").replace(",", ".")
        try:
            value = float(plain)
        except ValueError:
            value = float("nan")
        if not abs(value) < 1e15:
            raise InvalidInput(f"{text!r} is no number.", where=name, help="Write digits, such as 1500 or 12.5.")
        return value / 100 if name.partition("|")[0] in PERCENTS else value


def read_form(told: QueryParams) -> CalculatorForm:
    """Raises `InvalidInput`."""
    goal = told.get("goal", "usual")
    if goal not in GOALS:
        raise InvalidInput(f"There is no goal {goal!r}.", where="goal", help=f"Choose one of {', '.join(GOALS)}.")
    texts = {name: value.strip()[:40] for name, value in told.multi_items()}
    dealer, direction, month = (told.get(each, "")[:200] for each in ("dealer", "direction", "month"))
    return CalculatorForm(dealer, direction, month, goal, texts, frozenset(told.getlist("lock")))


def form_of(question: CalculatorQuestion) -> Sequence[tuple[str, str]]:
    """The parameters that ask it again."""
    goal = "sales" if question.sales is not None else "budget" if question.budget is not None else "usual"
    amount = question.sales if question.sales is not None else question.budget
    found = [("dealer", question.dealer), ("direction", question.direction), ("month", question.month), ("goal", goal)]
    found += [("amount", written(amount))] if amount is not None else []
    for name in ("cpl", "visit_rate", "sale_rate", "stock"):
        value = getattr(question, name)
        found += [(name, written_field(name, value))] if value is not None else []
    for each in question.channels:
        for name in FIELDS:
            value = getattr(each, name)
            if value is not None:
                key = f"{name}|{each.channel}"
                found += [(key, written_field(name, value)), ("lock", key)]
    return found


def written_field(name: str, value: float | None) -> str:
    """As a field has it: percents with one decimal, money and counts whole where they are large."""
    if value is None:
        return ""
    return written(100 * value, 1) if name in PERCENTS else written(value, 0 if abs(value) >= 100 else 2)


def written(value: float, places: int = 2) -> str:
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
