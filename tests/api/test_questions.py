"""A report's question as people write it: read, and written so that it asks the same again."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.questions import Asked, as_parameters
from attribution.catalog import SHIPPED
from attribution.dimensions import DIMENSIONS
from attribution.measures import MEASURES
from attribution.models import Model
from attribution.question import MODELLED
from attribution.reports import Calendar, Condition, Order, Question
from attribution.sharing import DealerShare
from infra.errors import InvalidInput

TODAY = date(2026, 7, 1)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
values = st.lists(
    st.text(st.characters() | st.sampled_from("|,\\:-a"), min_size=1, max_size=12).filter(
        lambda text: text == text.strip()
    ),
    min_size=1,
    max_size=3,
)
conditions = st.builds(Condition, st.sampled_from(DIMENSIONS[:5]), values.map(tuple), st.booleans())


def asked(question: Question) -> Asked:
    told = as_parameters(question)
    limit = told.pop("limit", None)
    told["first"], told["last"] = told.pop("from"), told.pop("to")
    return Asked(**told, limit=int(limit) if limit else None)


@given(
    by=st.lists(st.sampled_from(DIMENSIONS), min_size=1, max_size=3, unique=True),
    days=st.tuples(DAYS, DAYS),
    model=st.sampled_from(Model),
    calendar=st.sampled_from(Calendar),
    share=st.sampled_from(DealerShare),
    models=st.dictionaries(st.sampled_from(MODELLED), st.sampled_from(Model), max_size=3),
    measures=st.lists(st.sampled_from([each.slug for each in MEASURES]), max_size=4, unique=True),
    where=st.lists(conditions, max_size=3),
    order=st.none() | st.builds(Order, st.sampled_from([each.slug for each in MEASURES]), st.booleans()),
    limit=st.none() | st.integers(1, 10**6),
    offset=st.integers(0, 10**6),
)
def test_what_is_written_asks_the_same(
    by: list[str],
    days: tuple[date, date],
    model: Model,
    calendar: Calendar,
    share: DealerShare,
    models: dict[str, Model],
    measures: list[str],
    where: list[Condition],
    order: Order | None,
    limit: int | None,
    offset: int,
) -> None:
    question = Question(
        tuple(by), min(days), max(days), model, calendar, share, tuple(models.items()), tuple(measures), tuple(where),
        order, limit, offset,
    )  # fmt: skip
    assert asked(question).question(SHIPPED, TODAY) == question


def test_conditions_as_people_write_them() -> None:
    where = "channel:paid_search|email, -dealer:d1|d2,campaign:a, b and c,content:x\\|y,term:1\\,b:2"
    assert Asked(where=where).question(SHIPPED, TODAY).where == (
        Condition("channel", ("paid_search", "email")),
        Condition("dealer", ("d1", "d2"), excluded=True),
        Condition("campaign", ("a, b and c",)),
        Condition("content", ("x|y",)),
        Condition("term", ("1,b:2",)),
    )


def test_without_days_it_is_the_last_twelve_months() -> None:
    question = Asked().question(SHIPPED, TODAY)
    assert (question.by, question.first_day, question.last_day) == (("channel",), date(2025, 7, 1), TODAY)


@pytest.mark.parametrize(
    ("parameters", "where", "sentence"),
    [
        ({"where": "dealer"}, "where", "'dealer' is no condition."),
        ({"where": "dealer:"}, "where", "'dealer:' is no condition."),
        ({"models": "leads"}, "models", "'leads' names no model for a measure."),
        ({"models": "leads:firts"}, "models", "There is no models 'firts'."),
        ({"next": "-1"}, "next", "'-1' is no page."),
        ({"next": "²"}, "next", "'²' is no page."),
    ],
)
def test_what_cannot_be_read_is_said(parameters: dict[str, str], where: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Asked(**parameters).question(SHIPPED, TODAY)  # type: ignore[arg-type]
    assert (raised.value.where, raised.value.message) == (where, sentence)
    assert raised.value.help
