"""Dealers of the reference data, as funds need them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from attribution.reference import dealers
from attribution.visibility import Visibility
from infra.errors import InvalidInput, NotFound
from planning.funds.programme import FundDealer

_its = dealers.c


def fund_dealers(connection: Connection, seen: Visibility) -> Sequence[FundDealer]:
    """Those that are seen, by name."""
    found = map(_dealer, connection.execute(select(_its.id, _its.name, _its.brand)))
    return sorted((each for each in found if seen.sees_dealer(each.id)), key=lambda each: (each.title.lower(), each.id))


def fund_dealer(connection: Connection, key: str, seen: Visibility) -> FundDealer:
    """Raises `NotFound`, for one that is not seen, too."""
    row = connection.execute(select(_its.id, _its.name, _its.brand).where(_its.id == key)).one_or_none()
    if row is None or not seen.sees_dealer(key):
        raise NotFound(
            f"There is no dealer {key!r}.", where="dealer", help="Choose one of the reference data; settings list them."
        )
    return _dealer(row)


def check_brands(connection: Connection, dealer_ids: set[str], brands: set[str]) -> None:
    """Raises `InvalidInput` for a dealer or a brand of a rule that the reference data do not know."""
    rows = connection.execute(select(_its.id, _its.brand)).all()
    known_dealers, known_brands = {row.id for row in rows}, {row.brand for row in rows}
    for kind, told, known in (("dealer", dealer_ids, known_dealers), ("brand", brands, known_brands)):
        if wrong := sorted(told - known - {""}):
            raise InvalidInput(
                f"There is no {kind} {wrong[0]!r} in the reference data.",
                where="rules",
                help="Enter it in the settings under Dealers first, or correct the rule.",
            )


def _dealer(row: Row[Any, Any, Any]) -> FundDealer:
    return FundDealer(row.id, row.name, row.brand)
