"""How a visit number is written and read: digits in small groups, the last of them a check digit.

The check digit is that of H. M. Damm (Total anti-symmetrische Quasigruppen, 2004): one wrong digit, or two neighbours
that changed places, never give another number.
"""

import re

from infra.errors import InvalidInput

LONGEST = 12
SHORTEST = 5
_QUASIGROUP = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip
_WRITTEN = re.compile(r"[\d\s().·-]+")


def with_check_digit(digits: str) -> str:
    return digits + _interim(digits)


def written(number: str) -> str:
    """`1234567` as `123-45-67`."""
    first = 3 if len(number) % 2 else 2
    return "-".join([number[:first], *(number[place : place + 2] for place in range(first, len(number), 2))])


def read_number(text: str) -> str:
    """The digits of a number that somebody wrote or heard. Raises `InvalidInput` where it cannot be one."""
    digits = re.sub(r"\D", "", text) if _WRITTEN.fullmatch(text.strip().removeprefix("№").removeprefix("#")) else ""
    if not SHORTEST <= len(digits) <= LONGEST or not digits.isascii():
        raise InvalidInput(
            f"{text!r} is no visit number.", where="number", help="It is digits alone, such as 123-45-62: ask again."
        )
    if _interim(digits) != "0":
        raise InvalidInput(
            f"There is no visit number {written(digits)}: a digit of it is wrong.",
            where="number",
            help="Its last digit checks the others: let the caller read the number again, digit by digit.",
        )
    return digits


def _interim(digits: str) -> str:
    interim = "0"
    for digit in digits:
        interim = _QUASIGROUP[int(interim)][int(digit)]
    return interim
