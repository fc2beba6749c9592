"""Currency codes of ISO 4217, as the Unicode CLDR lists them."""

from functools import lru_cache

from babel import Locale


@lru_cache(maxsize=1)
def currency_codes() -> frozenset[str]:
    return frozenset(Locale("en").currencies)


def known_currency(code: str) -> str:
    """The code in capitals. Raises `ValueError` where no such currency exists."""
    upper = code.strip().upper()
    if upper not in currency_codes():
        raise ValueError(f"{code!r} is no ISO 4217 currency code such as RUB or EUR")
    return upper
