"""The ROMI/CPL report: what each group cost and brought, from what the newest run stored."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from attribution.answer import Answer, records
from attribution.credit import credit_of
from attribution.dimensions import DIMENSIONS, NONE, OF_DEALERS, PROPERTY, Dimension, properties_in
from attribution.formulas import Figure, Program, program_of
from attribution.measures import SUMS, Measure, Unit
from attribution.question import MODELLED, MOST_GROUPINGS, MOST_SLOTS, Calendar, Condition, Order, Question
from attribution.rates import missing_rates
from attribution.runs import Run, newest_run
from attribution.sharing import DealerShare
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import NotPermitted
from infra.sql import Statements
from infra.warehouse import Warehouse

__all__ = ["DIMENSIONS", "NONE", "Calendar", "Condition", "Order", "Question", "romi_report"]

_SQL = Statements("attribution", "reports")
_NAMES = [f"name{number}" for number in range(1, MOST_GROUPINGS + 1)]
_ALL_ROWS = 2**62
_DEAREST: list[Program] = [program_of(Figure(name), SUMS) for name in ("cost", "sales")]
_WORDS = "What a model divides is allocated to touches; that they caused it is not said."

# The warehouse answers in whole numbers of the smallest unit, so that sums are exact.
_UNITS = dict.fromkeys(("cost", "revenue", "margin"), 10_000) | dict.fromkeys(
    ("leads", "qualified", "visits", "sales", "service_visits"), 10**9
)

_WEIGHTS = {
    DealerShare.LEADS: "by_leads",
    DealerShare.EVEN: "evenly",
    DealerShare.WEIGHTS: "by_weights",
    DealerShare.NONE: "unshared",
}

_Rule = tuple[str, list[tuple[int, str, list[str]]]]
_Asked = tuple[int, str, list[int], list[_Rule]]


def romi_report(warehouse: Warehouse, question: Question, timezone: str, *, seen: Visibility = EVERYTHING) -> Answer:
    """A row a group, largest cost first unless another order is asked for; money is in whole units.

    Whoever sees some dealers only is shown their shares of cost that names no dealer, and no money without a rate. To
    contractors no cost is shared out: that would tell them of all dealers' leads.
    Raises `NotReady` where nothing was attributed yet, and `NotPermitted`.
    """
    asked = _shared_as_seen(question, seen)
    question = narrowed_to(asked, seen)
    run = newest_run(warehouse)
    credit = credit_of(warehouse, run.number, question.models_of_sums.values())
    found = warehouse.frame(_SQL["romi"], report_parameters(question, run, timezone) | credit)
    groups = int(found["groups"].iloc[0]) if len(found) else 0
    is_total = found["is_total"] == 1
    page = found[~is_total].iloc[question.offset :]
    rows, totals = _measured(page, question.figures), _measured(_one_row(found[is_total]), question.figures)
    names = page[_NAMES].rename(columns=dict(zip(_NAMES, question.by, strict=False)))
    last = question.offset + len(page)
    slugs = [figure.slug for figure in question.figures]
    return Answer(
        "romi",
        run,
        question.by,
        question.figures,
        pd.concat([names[list(question.by)], rows[slugs]], axis=1).reset_index(drop=True),
        asked.as_dict(),
        records(totals[slugs], frozenset(each.slug for each in question.figures if each.unit is Unit.COUNT))[0],
        _about(asked) | (_missing(warehouse, run) if seen.is_everything else {}),
        groups=groups,
        next=str(last) if last < groups else None,
    )


def _shared_as_seen(question: Question, seen: Visibility) -> Question:
    is_of_all_dealers = seen.contractors is not None and seen.dealers is None
    return replace(question, share=DealerShare.NONE) if is_of_all_dealers else question


def narrowed_to(question: Question, seen: Visibility) -> Question:
    """What persons are called, and what they wrote, is nothing for contractors. Raises `NotPermitted`."""
    personal = [name for name in question.inputs if name == "manager" or name.startswith(PROPERTY)]
    if personal and seen.contractors is not None:
        raise NotPermitted(
            f"{personal[0]} may hold personal data, which contractors do not see.",
            where="by",
            help="Group and filter by channel, campaign, content, term or any other dimension of touches.",
        )
    return question if seen.is_everything else replace(question, where=(*question.where, *seen.conditions))


def _one_row(totals: pd.DataFrame) -> pd.DataFrame:
    return totals if len(totals) else pd.DataFrame([dict.fromkeys(SUMS, 0)])


def _measured(sums: pd.DataFrame, figures: Sequence[Measure]) -> pd.DataFrame:
    """Sums in the units that people read, and the figures made of them."""
    sums = sums[list(SUMS)].astype("int64")
    scaled = sums.assign(**{name: sums[name] / units for name, units in _UNITS.items()})
    return scaled.assign(**{each.slug: each.of_rows(scaled) for each in figures if not each.is_sum})


def _missing(warehouse: Warehouse, run: Run) -> dict[str, Any]:
    """Money without a rate, which is in no figure."""
    missing = missing_rates(warehouse, run)
    return {"missing_rates": [each.as_dict() for each in missing]} if missing else {}


def _about(question: Question) -> dict[str, Any]:
    """By which models, and which definitions of users', the figures were found."""
    catalog = question.catalog
    asked = [*question.by, *(each.dimension for each in question.where), *(each.slug for each in question.figures)]
    return {
        "models": {
            each.slug: [model.value for model in question.models_of(each)] for each in question.figures
        },
        "words": _WORDS,
        "definitions": {
            name: {"version": catalog.versions[name]}
            | ({"formula": catalog.measures[name].formula} if name in catalog.measures else {})
            for name in dict.fromkeys(asked)
            if name in catalog.versions
        },
    }  # fmt: skip


def report_parameters(question: Question, run: Run, timezone: str) -> dict[str, Any]:
    """What its statements take, but for the credit."""
    inputs = list(question.inputs)
    properties = list(properties_in(question.inputs))
    slots = [f"property{properties.index(name.partition('.')[2]) + 1}" if "." in name else name for name in inputs]
    slots += ["everything"] * (MOST_SLOTS - len(slots))
    places = {name: place for place, name in enumerate(inputs, 1)} | {"city": MOST_SLOTS + 1}
    is_by_dealer = any(name in OF_DEALERS for name in inputs)
    return {
        "run": run.number,
        "timezone": timezone,
        "calendar": calendar_column(question.calendar),
        "from": question.first_day,
        "to": question.last_day,
        "weights": _WEIGHTS[question.share if is_by_dealer else DealerShare.NONE],
        "properties": properties,
        "details": "details" if properties or "hour" in inputs else "no_details",
        "slots": slots,
        **{f"slot{number}": slot for number, slot in enumerate(slots, 1)},
        "dealer_slot": places.get("dealer", 1),
        "asked": [_asked(each, places) for each in (*question.groupings, *question.filtered)],
        "groupings": len(question.by),
        "filters": [(each.excluded, list(each.values)) for each in question.where],
        **_model_columns(question),
        **_ordering(question),
    }


def _asked(dimension: Dimension, places: dict[str, int]) -> _Asked:
    inputs = [places[name] for name in dimension.inputs]
    rules: list[_Rule] = [
        (rule.value, [(places[name], *_condition(wanted)) for name, wanted in rule.when.items()])
        for rule in dimension.rules
    ]
    return inputs[0] if inputs else 1, dimension.otherwise, inputs, rules


def _condition(wanted: str | tuple[str, ...]) -> tuple[str, list[str]]:
    return (wanted, []) if isinstance(wanted, str) else ("", list(wanted))


def calendar_column(calendar: Calendar) -> str:
    """Which day of credit counts."""
    return "date" if calendar is Calendar.CONVERSION else "touch_date"


def _model_columns(question: Question) -> dict[str, str]:
    """The columns of credits that hold each sum's model: shares up to and with a touch, and before it."""
    columns = {name: question.models_of_sums[name].value for name in MODELLED}
    return columns | {f"{name}_before": f"{column}_before" for name, column in columns.items()}


def _ordering(question: Question) -> dict[str, Any]:
    order = question.order
    page = {"upto": question.offset + question.limit + 1 if question.limit else _ALL_ROWS}
    if order is None:
        return {"sorted_name": 0, "descending": True, "sort": _DEAREST, **page}
    by_name = order.name in question.by
    return {
        "sorted_name": question.by.index(order.name) + 1 if by_name else 0,
        "descending": order.descending,
        "sort": [] if by_name else [program_of(question.catalog.measure(order.name, "sort").over_sums, SUMS)],
        **page,
    }
