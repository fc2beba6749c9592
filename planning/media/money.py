"""Amounts as people write them, and as they are kept: whole minor units of a currency, net of VAT."""

from decimal import ROUND_HALF_UP, Decimal

from infra.errors import InvalidInput

MINOR = 100
MOST = 10**15


def minor_of(told: Decimal | int | str, where: str) -> int:
    """In smallest units. Raises `InvalidInput` for what is negative, no number, or finer than two decimals."""
    try:
        exact = Decimal(str(told).strip().replace(" ", "").replace("\u00a0", "").replace(",", ".")) * MINOR
        if not exact.is_finite() or exact != int(exact):
            raise ValueError
    except (ArithmeticError, ValueError):
        raise InvalidInput(
            f"{str(told)!r} is no amount.", where=where, help="Write a number with two decimals at most."
        ) from None
    if not 0 <= exact <= MOST:
        raise InvalidInput(f"An amount cannot be {told}.", where=where, help="Write 0 or more, in units of money.")
    return int(exact)


def shown(minor: float) -> float:
    """As JSON has it: in units of the currency, with two decimals."""
    return round(minor / MINOR, 2)


def in_words(minor: int, currency: str) -> str:
    """For sentences."""
    return f"{Decimal(minor) / MINOR:,.2f} {currency}".replace(",", " ")


def net_of(amount: int, vat_percent: Decimal, *, is_vat_included: bool) -> int:
    """Without VAT, to the nearest minor unit."""
    if not is_vat_included:
        return amount
    return int((amount / (1 + vat_percent / 100)).quantize(Decimal(1), ROUND_HALF_UP))
