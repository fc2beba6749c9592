"""Which dealers carry which brands, as the reference data have them at the moment."""

from collections.abc import Collection

from sqlalchemy import Connection, Engine, select

from attribution.reference import dealers


def dealers_of_brands(engine: Engine, brands: Collection[str]) -> frozenset[str]:
    """Their ids; none where no dealer carries one of them."""
    mine = select(dealers.c.id).where(dealers.c.brand.in_(brands))
    with engine.connect() as connection:
        return frozenset(connection.scalars(mine))


def known_brands(connection: Connection) -> tuple[str, ...]:
    """By name."""
    named = select(dealers.c.brand).where(dealers.c.brand != "").distinct().order_by(dealers.c.brand)
    return tuple(connection.scalars(named))
