"""People: their devices, telephones, e-mails, names.

All of it follows from the person's number, so that nothing needs to be remembered about those who only look.
Telephones lie in +7 972 to +7 976: codes of the mobile range that are assigned to no operator, and pass as valid
Russian mobile numbers. E-mails lie in example.com and example.org, which belong to nobody by RFC 2606.
"""

from dataclasses import dataclass

MOST_DEVICES = 4
_PHONES = 50_000_000
_FIRST_PHONE = 9_720_000_000
_STRIDE = 31_415_927  # odd and no multiple of 5: visits every number once
_MASK = (1 << 64) - 1
_ADD, _MUL_1, _MUL_2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MEN = ("Алексей", "Дмитрий", "Иван", "Марат", "Михаил", "Николай", "Олег", "Павел", "Рустам", "Сергей")
_WOMEN = ("Алина", "Анна", "Гульнара", "Елена", "Ирина", "Мария", "Наталья", "Ольга", "Светлана", "Юлия")
_SURNAMES = (
    "Абрамов", "Беляев", "Волков", "Гарипов", "Давыдов", "Егоров", "Жуков", "Зайцев", "Исаев", "Королёв",
    "Лебедев", "Миронов", "Никитин", "Орлов", "Поляков", "Рябов", "Соколов", "Тихонов", "Фролов", "Хасанов",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    number: int
    visitors: tuple[str, ...]
    """One visitor id per device."""
    phone: str
    email: str
    """Empty for who has none to give."""
    name: str
    user_id: str
    """Empty for who has no account on the site."""
    crm_id: str


class Register:
    """Gives out what belongs to a person's number. Another `seed` gives other visitor ids."""

    def __init__(self, seed: int) -> None:
        self._salt = scramble(seed & _MASK)

    def person(self, number: int, devices: int, *, account: bool, email: bool) -> Person:
        chance = scramble(number ^ self._salt ^ 0x5EED)
        return Person(
            number=number,
            visitors=tuple(self.visitor(number, device) for device in range(devices)),
            phone=f"+7{_FIRST_PHONE + (number * _STRIDE + 777) % _PHONES}",
            email=f"client{number}@example.{'com' if chance & 1 else 'org'}" if email else "",
            name=_name(chance >> 8),
            user_id=f"u-{number}" if account else "",
            crm_id=f"c-{number:08d}",
        )

    def visitor(self, number: int, device: int) -> str:
        return f"{scramble((number * MOST_DEVICES + device) ^ self._salt):016x}"

    def mark(self, number: int, purpose: int) -> int:
        """An opaque number for a click id, unique per purpose."""
        return scramble(number ^ scramble(self._salt ^ purpose))


def scramble(value: int) -> int:
    """A one-to-one mixing of 64-bit numbers (SplitMix64)."""
    value = (value + _ADD) & _MASK
    value = ((value ^ (value >> 30)) * _MUL_1) & _MASK
    value = ((value ^ (value >> 27)) * _MUL_2) & _MASK
    return value ^ (value >> 31)


def manager_name(dealer: int, desk: int) -> str:
    chance = scramble(dealer * 16 + desk)
    return f"{_SURNAMES[chance % len(_SURNAMES)]} {_MEN[(chance >> 16) % len(_MEN)][0]}."


def _name(chance: int) -> str:
    surname = _SURNAMES[(chance >> 8) % len(_SURNAMES)]
    if chance & 1:
        return f"{_WOMEN[(chance >> 4) % len(_WOMEN)]} {surname}а"
    return f"{_MEN[(chance >> 4) % len(_MEN)]} {surname}"
