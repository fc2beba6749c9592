"""Amounts of funds and acts: whole minor units (kopecks) where they are kept, decimals where people write them."""

from decimal import ROUND_HALF_UP, Decimal

from infra.errors import InvalidInput

MOST_UNITS = 10**15
_MINOR = Decimal(100)


def units_of(amount: Decimal, where: str) -> int:
    """In minor units. Raises `InvalidInput` for parts of them, and for what nobody has."""
    if not amount.is_finite() or abs(amount) * _MINOR > MOST_UNITS:
        raise InvalidInput(f"{amount} is no amount of money.", where=where, help="Write it as 120000.50.")
    units = amount * _MINOR
    if units != units.to_integral_value():
        raise InvalidInput(f"{amount} has more than two decimals.", where=where, help="Write it as 120000.50.")
    return int(units)


def amount_of(units: int) -> Decimal:
    """With two decimals."""
    return Decimal(units).scaleb(-2)


def told_amount(units: int) -> float:
    """As JSON has it."""
    return float(amount_of(units))


def written_amount(units: int, currency: str) -> str:
    """As errors and stories say it: `12 000.50 RUB`."""
    return f"{amount_of(units):,.2f} {currency}".replace(",", " ")


def part_of(units: int, percent: Decimal) -> int:
    """That percent of it, halves rounded up."""
    return int((Decimal(units) * percent / 100).to_integral_value(ROUND_HALF_UP))


def check_currency(told: str, currency: str, where: str = "currency") -> None:
    """Raises `InvalidInput` for money in another currency than the programme's; empty is the programme's."""
    if told and told.strip().upper() != currency:
        raise InvalidInput(
            f"This programme is in {currency}, and the amount in {told.strip().upper()}.",
            where=where,
            help=f"Turn the amount into {currency} first.",
        )
