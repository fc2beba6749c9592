"""Recommendations as they are kept: what was asked when by whom, what was answered, and into which plans it went.

Law: a kept recommendation never changes. Whoever does not see one of its dealers does not find it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select

from attribution.visibility import EVERYTHING, Visibility
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import NotFound
from planning.media.months import Month, read_month
from planning.plans import State
from planning.recommend.advising import Advice, Verdict
from planning.recommend.basis import Planned, planned_in
from planning.recommend.tables import recommendation_uses, recommendations
from planning.tables import plan_versions


@dataclass(frozen=True, slots=True)
class Use:
    """The version of a plan into which it went. Moments are in UTC."""

    month: Month
    plan: int
    version: int
    number: int
    state: State
    at: datetime
    author: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "month": str(self.month),
            "plan": self.plan,
            "version": self.number,
            "state": self.state.value,
            "at": self.at.isoformat(),
            "author": self.author,
        }


@dataclass(frozen=True)
class Recommendation:
    """`planned` is by month what plans said of the dealers' budgets when it was made."""

    id: int
    created_at: datetime
    created_by: str
    run: int
    currency: str
    verdict: Verdict
    question: Mapping[str, Any]
    answer: Mapping[str, Any]
    planned: Mapping[str, Planned]
    uses: tuple[Use, ...] = ()

    @property
    def cells(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.answer["cells"]
        return found

    @property
    def months(self) -> tuple[Month, ...]:
        return tuple(read_month(month) for month in dict.fromkeys(cell["month"] for cell in self.cells))

    @property
    def dealers(self) -> tuple[str, ...]:
        """Those that plans can have budgets of."""
        return tuple(sorted({cell["dealer"] for cell in self.cells} - {""}))

    def as_dict(self) -> dict[str, Any]:
        """Without its cells and moves."""
        told = {name: value for name, value in self.answer.items() if name not in ("cells", "moves")}
        return {
            "id": self.id,
            "created_at": self.created_at.isoformat(),
            "created_by": self.created_by,
            "run": self.run,
            "currency": self.currency,
            "asked": self.question,
            **told,
            "uses": [use.as_dict() for use in self.uses],
        }


class Recommendations:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def keep(self, advice: Advice, *, run: int, currency: str, author: str) -> Recommendation:
        question, answer = advice.scene.question, advice.as_dict()
        dealers = sorted({cell.dealer for cell in advice.scene.response.cells})
        with self._engine.begin() as connection:
            planned = {str(month): planned_in(connection, month, dealers).as_dict() for month in question.span}
            row = {
                "created_at": self._clock.now(),
                "created_by": author,
                "run": run,
                "currency": currency,
                "goal": question.goal.value,
                "verdict": advice.verdict.value,
                "dealers": dealers,
                "question": question.as_dict(),
                "answer": answer,
                "planned": planned,
                "uses": 0,
            }
            its = recommendations.c
            key = connection.execute(insert(recommendations).returning(its.id), row).scalar_one()
            said = f"{question.goal} of {question.amount:g} for {question.first}: {advice.verdict}"
            note_change(connection, self._clock, who=author, what=f"recommendation {key}", after=said)
            return recommendation_with(connection, key)

    def get(self, key: int, *, seen: Visibility = EVERYTHING) -> Recommendation:
        """Raises `NotFound`, for one with a dealer that is not seen, too."""
        with self._engine.connect() as connection:
            return recommendation_with(connection, key, seen)

    def all(self, *, seen: Visibility = EVERYTHING, most: int = 50) -> Sequence[Recommendation]:
        """The newest first."""
        its = recommendations.c
        with self._engine.connect() as connection:
            keys = connection.execute(select(its.id, its.dealers).order_by(its.id.desc())).all()
            shown = [row.id for row in keys if all(_sees(seen, dealer) for dealer in row.dealers)][:most]
            rows = connection.execute(select(recommendations).where(its.id.in_(shown)).order_by(its.id.desc())).all()
            uses = _uses(connection, shown)
        return [_recommendation(row, uses.get(row.id, ())) for row in rows]


def recommendation_with(connection: Connection, key: int, seen: Visibility = EVERYTHING) -> Recommendation:
    """Raises `NotFound`."""
    row = connection.execute(select(recommendations).where(recommendations.c.id == key)).one_or_none()
    if row is None or not all(_sees(seen, dealer) for dealer in row.dealers):
        raise NotFound(
            f"There is no recommendation {key}.", where="key", help="The page of recommendations lists them."
        )
    return _recommendation(row, _uses(connection, [key]).get(key, ()))


def _sees(seen: Visibility, dealer: str) -> bool:
    """What is bought for all dealers together is seen by who sees them all."""
    return seen.contractors is None and seen.sees_dealer(dealer)


def _uses(connection: Connection, keys: Sequence[int]) -> Mapping[int, tuple[Use, ...]]:
    its, version = recommendation_uses.c, plan_versions.c
    rows = (
        select(recommendation_uses, version.plan, version.number, version.state)
        .join(plan_versions, version.id == its.version)
        .where(its.recommendation.in_(keys))
        .order_by(its.year, its.month)
    )
    found: dict[int, tuple[Use, ...]] = {}
    for row in connection.execute(rows):
        use = Use(Month(row.year, row.month), row.plan, row.version, row.number, State(row.state), row.at, row.author)
        found[row.recommendation] = (*found.get(row.recommendation, ()), use)
    return found


def _recommendation(row: Row[Any], uses: tuple[Use, ...]) -> Recommendation:
    planned = {month: Planned.of(told) for month, told in row.planned.items()}
    return Recommendation(
        row.id, row.created_at, row.created_by, row.run, row.currency, Verdict(row.verdict), row.question, row.answer,
        planned, uses,
    )  # fmt: skip
