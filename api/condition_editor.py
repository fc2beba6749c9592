"""Conditions as somebody sets them without a word of their language: a dimension, and values from what occurs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from api.bootstrap import Services
from api.channels_address import Place
from api.dimension_titles import dimension_title
from attribution.question import Condition, Order, Question
from attribution.reports import romi_report
from attribution.visibility import Visibility

MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition in words; `without` is the address of the page without it, `edit` that where it is changed."""

    title: str
    values: str
    excluded: bool
    without: str
    edit: str


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    cost: float
    leads: float
    chosen: bool


def chips(place: Place, page: str) -> list[Chip]:
    where = place.question.where
    return [
        Chip(
            dimension_title(each.dimension),
            ", ".join(each.values),
            each.excluded,
            place.asking(replace(place.question, where=tuple(one for one in where if one is not each))).address(page),
            f"{place.address(page, only=each.dimension)}#conditions",
        )
        for each in where
    ]


def condition_editor(services: Services, seen: Visibility, place: Place, dimension: str) -> dict[str, Any] | None:
    """What can be chosen of a dimension within the other conditions, the dearest first. None without a dimension."""
    if not dimension:
        return None
    others = tuple(each for each in place.question.where if each.dimension != dimension)
    before = next((each for each in place.question.where if each.dimension == dimension), None)
    asked = Question(
        (dimension,), place.question.first_day, place.question.last_day, model=place.question.model,
        calendar=place.question.calendar, share=place.question.share, measures=("cost", "leads"), where=others,
        order=Order("cost", descending=True), limit=MOST_VALUES, catalog=place.question.catalog,
    )  # fmt: skip
    found = romi_report(services.warehouse, asked, services.settings.timezone, seen=seen)
    chosen = before.values if before else ()
    told = [Choice(row[dimension], row["cost"], row["leads"], row[dimension] in chosen) for row in found.items()]
    known = {each.value for each in told}
    return {
        "dimension": dimension,
        "title": dimension_title(dimension),
        "excluded": before.excluded if before else False,
        "choices": [*told, *(Choice(value, 0, 0, True) for value in chosen if value not in known)],
        "more": max(0, (found.groups or 0) - len(told)),
    }


def with_condition(question: Question, dimension: str, values: Sequence[str], *, excluded: bool) -> Question:
    """The condition takes the place of those of the same dimension; without values there is none."""
    others = tuple(each for each in question.where if each.dimension != dimension)
    told = (Condition(dimension, tuple(dict.fromkeys(values)), excluded),) if values else ()
    return replace(question, where=(*others, *told))
