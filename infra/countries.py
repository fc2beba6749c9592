"""Country codes of ISO 3166 whose phone numbers can be read."""

import phonenumbers


def known_country(code: str) -> str:
    """The code in capitals. Raises `ValueError` where no such country exists."""
    upper = code.strip().upper()
    if upper not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"{code!r} is no ISO 3166 country code such as RU or DE")
    return upper
