"""Tracking numbers, as those need them who hear of a call before any run does."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Engine, select

from attribution.reference import tracking_numbers

_its = tracking_numbers.c


def numbers_in_use(engine: Engine, today: date) -> Mapping[str, Mapping[str, str]]:
    """By number: the source, medium, campaign and dealer that each is bound to on a day."""
    names = (_its.number, _its.source, _its.medium, _its.campaign, _its.dealer)
    chosen = (_its.since <= today) & (_its.until >= today)
    with engine.connect() as connection:
        rows = connection.execute(select(*names).where(chosen).order_by(_its.since)).mappings()
        return {row["number"]: {str(name): row[name] for name in row if name != "number"} for row in rows}
