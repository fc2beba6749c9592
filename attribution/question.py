"""What the ROMI/CPL report is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from attribution.catalog import SHIPPED, Catalog
from attribution.dimensions import Dimension
from attribution.formulas import names_in
from attribution.measures import MEASURES, Measure
from attribution.models import Model
from attribution.sharing import DealerShare
from infra.errors import InvalidInput

MODELLED = ("leads", "qualified", "visits", "sales", "service_visits", "revenue", "margin")
MOST_GROUPINGS = 4
MOST_GROUPS = 1_000_000
MOST_SLOTS, MOST_PROPERTIES = 8, 4


class Calendar(StrEnum):
    """By which date a conversion counts: its own, or its touch's."""

    CONVERSION = "conversion"
    TOUCH = "touch"


@dataclass(frozen=True, slots=True)
class Condition:
    """Only groups with one of the values of a dimension, as reports write them; or all others, where `excluded`."""

    dimension: str
    values: tuple[str, ...]
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """By a measure or a grouping of the question; missing values come last."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """`first_day` and `last_day` are both inclusive, in the account's time zone.

    `models` are exceptions from `model`, by measure; one for a ratio holds for the sums that it is made of. Without
    `measures`, all built-in ones are told. `offset` counts groups in the order of the answer. Raises `InvalidInput`.
    """

    by: tuple[str, ...]
    first_day: date
    last_day: date
    model: Model = Model.LAST_NON_DIRECT
    calendar: Calendar = Calendar.CONVERSION
    share: DealerShare = DealerShare.LEADS
    models: tuple[tuple[str, Model], ...] = ()
    measures: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    order: Order | None = None
    limit: int | None = None
    offset: int = 0
    catalog: Catalog = field(default=SHIPPED, repr=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.by) <= MOST_GROUPINGS or len(set(self.by)) != len(self.by):
            raise InvalidInput("A report has from one to four groupings, each once.", where="by")
        if self.last_day < self.first_day:
            raise InvalidInput("The period ends before it begins.", where="to")
        if len(set(self.measures)) != len(self.measures):
            raise InvalidInput("A measure is asked for twice.", where="measures")
        if self.limit is not None and not 1 <= self.limit <= MOST_GROUPS:
            raise InvalidInput(f"A page has from 1 to {MOST_GROUPS:,} groups.", where="limit")
        if self.offset < 0:
            raise InvalidInput("There is no such page.", where="next", help="Give `next` as the answer before told it.")
        if self.order and self.order.name not in self.by:
            self.catalog.measure(self.order.name, "sort")
        self._check_inputs()
        _ = self.figures, self.models_of_sums

    @property
    def figures(self) -> tuple[Measure, ...]:
        if not self.measures:
            return MEASURES
        return tuple(self.catalog.measure(name, "measures") for name in self.measures)

    @property
    def groupings(self) -> tuple[Dimension, ...]:
        return tuple(self.catalog.dimension(name, "by") for name in self.by)

    @property
    def filtered(self) -> tuple[Dimension, ...]:
        """The dimension of each condition."""
        return tuple(self.catalog.dimension(each.dimension, "where") for each in self.where)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The dimensions of the run that it needs, each once; a city is found by its dealer."""
        needed = [name for each in (*self.groupings, *self.filtered) for name in each.inputs]
        return tuple(dict.fromkeys("dealer" if name == "city" else name for name in needed))

    @property
    def models_of_sums(self) -> dict[str, Model]:
        """By which model each sum that a model divides is allocated."""
        chosen: dict[str, Model] = {}
        for name, model in self.models:
            parts = [part for part in MODELLED if part in names_in(self.catalog.measure(name, "models").over_sums)]
            if not parts:
                raise InvalidInput(f"No model divides {name}.", where="models", help=f"Models divide {_MODELLED_TEXT}.")
            for part in parts:
                if chosen.setdefault(part, model) is not model:
                    raise InvalidInput(
                        f"{part} is asked for by two models, {chosen[part]} and {model}.",
                        where="models",
                        help="A model for a ratio holds for the sums that it is made of; ask twice to see both.",
                    )
        return {name: chosen.get(name, self.model) for name in MODELLED}

    def models_of(self, measure: Measure) -> list[Model]:
        """The models that stand behind a figure: none, one, or several where its sums have their own."""
        parts = names_in(measure.over_sums)
        return list(dict.fromkeys(model for name, model in self.models_of_sums.items() if name in parts))

    def as_dict(self) -> dict[str, Any]:
        """As JSON takes it; without what was left to the defaults, but for the first six."""
        asked: Mapping[str, Any] = {
            "models": {name: model.value for name, model in self.models},
            "measures": list(self.measures),
            "where": [
                {"dimension": each.dimension, "values": list(each.values), "excluded": each.excluded}
                for each in self.where
            ],
            "sort": f"{'-' if self.order.descending else ''}{self.order.name}" if self.order else None,
            "limit": self.limit,
        }
        return {
            "by": list(self.by),
            "model": self.model,
            "calendar": self.calendar,
            "from": self.first_day.isoformat(),
            "to": self.last_day.isoformat(),
            "share": self.share,
        } | {name: value for name, value in asked.items() if value}

    def _check_inputs(self) -> None:
        inputs = self.inputs
        if len(inputs) > MOST_SLOTS:
            raise InvalidInput(
                f"The groupings and filters look at {len(inputs)} dimensions, {', '.join(inputs)}.",
                where="by",
                help=f"A report can look at {MOST_SLOTS}: take away a grouping or a filter.",
            )
        if len([name for name in inputs if name.startswith("properties.")]) > MOST_PROPERTIES:
            raise InvalidInput(f"A report can look at {MOST_PROPERTIES} properties.", where="by")


_MODELLED_TEXT = f"{', '.join(MODELLED[:-1])} and {MODELLED[-1]}"
