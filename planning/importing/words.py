"""What headings of plans say, in Russian, Ukrainian and English."""

import re
from enum import StrEnum
from functools import lru_cache


class Role(StrEnum):
    """What a column is to the plan."""

    IGNORED = ""
    DEALER = "dealer"
    BRAND = "brand"
    DIRECTION = "direction"
    CHANNEL = "channel"
    CONTRACTOR = "contractor"
    MEASURE = "measure"
    MONTH = "month"
    CURRENCY = "currency"
    FIGURES = "figures"
    TOTAL = "total"


NAMED_ROLES = (Role.DEALER, Role.DIRECTION, Role.CHANNEL, Role.CONTRACTOR, Role.MEASURE)
"""Columns whose cells name something that is known."""

_ROLES = {
    Role.DEALER: "дилерский центр|дц|салон|дилер|автосалон|автоцентр|подразделение|филиал|точка|предприятие|площадка|"
    "дилерський центр|дилерські центри|dealer|dealership|dealer centre|dealer center|showroom|store|dealer id|"
    "код дилера|код дц|наименование дц|название дц|дилеры",
    Role.BRAND: "бренд|марка|brand|make|марка автомобиля",
    Role.DIRECTION: "направление|вид деятельности|направление бизнеса|направление деятельности|бизнес-направление|"
    "бизнес|отдел|напрям|напрямок|direction|line of business|business line|department",
    Role.CHANNEL: "канал|канал продвижения|рекламный канал|источник|канал привлечения|channel|marketing channel|source",
    Role.CONTRACTOR: "подрядчик|агентство|исполнитель|підрядник|агенція|contractor|agency|supplier|vendor",
    Role.MEASURE: "показатель|метрика|статья|наименование показателя|показники|показник|kpi|measure|metric|indicator|"
    "показатели",
    Role.MONTH: "месяц|период|місяць|період|month|period",
    Role.CURRENCY: "валюта|currency|ccy",
    Role.FIGURES: "значение|сумма|количество|план|факт|цель|значення|сума|кількість|ціль|value|amount|plan|actual|fact|"
    "target|итоговое значение",
}  # fmt: skip
_MEASURES = {
    "sales": "продажи|продано|выдачи|выдано|реализация|продажи а/м|продажи автомобилей|продажи авто|кол-во продаж|"
    "количество продаж|объем продаж|продажі|sales|units|units sold|cars sold|deliveries|продаж",
    "service_visits": "сервисные визиты|заезды|сервисные заезды|визиты на сервис|заезды на сервис|заказ-наряды|"
    "количество заказ-нарядов|сервісні візити|заїзди|візити на сервіс|service visits|workshop visits|repair orders",
    "leads": "лиды|обращения|заявки|лид|количество лидов|ліди|звернення|заявки/лиды|leads|enquiries|inquiries",
    "visits": "визиты|визиты в салон|визиты в дц|трафик|трафик салона|трафик в салон|посещения|посетители|візити|"
    "візити в салон|visits|showroom visits|showroom traffic|walk-ins",
    "revenue": "выручка|оборот|доход|товарооборот|виторг|виручка|дохід|revenue|turnover|income",
    "margin": "маржа|валовая прибыль|маржинальный доход|вп|валовий прибуток|margin|gross profit|gross margin",
    "budget": "бюджет|маркетинговый бюджет|бюджет маркетинга|рекламный бюджет|бюджет на рекламу|затраты на рекламу|"
    "расходы на рекламу|расходы на маркетинг|затраты на маркетинг|маркетинг|реклама|бюджет рекламы|"
    "маркетинговий бюджет|витрати на рекламу|budget|marketing budget|ad budget|advertising budget|marketing spend",
}  # fmt: skip
_DERIVED = (
    "конверсия", "cr", "cpl", "cpql", "cpv", "cps", "cpo", "romi", "roi", "roas", "дрр", "доля", "конверсія", "частка",
    "conversion", "share", "% выполнения", "выполнение", "выполнение плана", "средний чек", "стоимость лида",
    "рентабельность", "прирост", "откл", "отклонение",
)  # fmt: skip
_TOTAL = re.compile(
    r"(?:общий |общие |grand |sub)?(?:итого|итог|итоги|всего|сумма итого|разом|усього|всього|total|totals|sum)\b.*"
)
_QUARTER = re.compile(
    r"(?:q\s*([1-4])|([1-4])\s*(?:-?й\s*)?(?:кв|квартал|q)\.?|(i{1,3}|iv)\s*(?:кв|квартал)\.?"
    r"|(?:кв|квартал)\.?\s*([1-4]))(?:\W.*)?"
)
_HALF = re.compile(
    r"(?:h\s*[12]|[12]\s*(?:-?е\s*)?(?:полугодие|п/г|півріччя)|i{1,2}\s*полугодие|полугодие\s*[12])(?:\W.*)?"
)
_YEARLY = {"год", "за год", "рік", "за рік", "year", "full year", "fy"}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_UNITS = re.compile(r"\((?:[^()]*)\)|,\s*(?:шт|руб|тыс|млн|ед|грн|₽|€|\$|[a-z]{3}\b|pcs|thousand|million).*$|[₽€$₴₸]")
_SAID_BESIDE = re.compile(
    r"\b(?:план(?:ы|овые|овый)?|факт(?:ические|ический)?|прогноз|цель|на|за|по|год|года|рік|20\d\d"
    r"|plan(?:ned)?|actual|fact|target|for|of)\b"
)
_FACT = re.compile(r"\b(?:факт\w*|actuals?|fact)\b")
_PLAN = re.compile(r"\b(?:план\w*|цель|plan(?:ned)?|target)\b")
_MILLIONS = re.compile(r"\bмлн\b|\bмиллион\w*|\bmillions?\b|\bmln\b")
_THOUSANDS = re.compile(r"\bтыс\b|\bтысяч\w*|\bтис\b|\bthousands?\b|\b000s\b|\bт\.\s?р\b|\bk(?:rub|eur|usd)\b")


def normal(text: str) -> str:
    """Lower case, one blank between words, without dots behind them; «ё» as «е»."""
    return " ".join(text.casefold().replace("ё", "е").replace("\0", "").split()).strip(" .:;*")


def _table(words: dict[str, str]) -> dict[str, str]:
    return {normal(word): name for name, found in words.items() for word in found.split("|")}


_ROLE_OF = _table({role.value: words for role, words in _ROLES.items()})
_MEASURE_OF = _table(_MEASURES)


@lru_cache(maxsize=4096)
def role_of(text: str) -> Role:
    """`IGNORED` where the heading says nothing that is known."""
    return Role(_ROLE_OF.get(_bare(text), "") or _ROLE_OF.get(normal(text), ""))


@lru_cache(maxsize=4096)
def measure_of(text: str) -> str:
    """A planned measure; empty where the words are of none."""
    for tried in (normal(text), _bare(text)):
        if tried in _MEASURE_OF:
            return _MEASURE_OF[tried]
    return _MEASURE_OF.get(normal(_SAID_BESIDE.sub(" ", _bare(text))), "")


def is_derived(text: str) -> bool:
    """Whether it names a share or a ratio, which follows from what is planned."""
    core = _bare(text)
    return any(core == word or core.startswith((f"{word} ", f"{word},")) for word in _DERIVED) or "%" in text


@lru_cache(maxsize=4096)
def is_total(text: str) -> bool:
    return _TOTAL.fullmatch(normal(text)) is not None


@lru_cache(maxsize=4096)
def total_part(text: str) -> int | None:
    """Which months a totals column sums: a quarter, 0 for all of them, 5 for something between; None: it is none."""
    word = normal(text)
    quarter = _QUARTER.fullmatch(word)
    if quarter:
        return _ROMAN.get(quarter[3] or "", 0) or int(quarter[1] or quarter[2] or quarter[4])
    if _HALF.fullmatch(word):
        return 5
    return 0 if is_total(word) or word in _YEARLY else None


def says_fact(text: str) -> bool:
    return _FACT.search(normal(text)) is not None


def says_plan(text: str) -> bool:
    return _PLAN.search(normal(text)) is not None


def scale_of(text: str) -> int:
    """1000 where it says «тыс.», 1,000,000 where it says «млн», else 1."""
    folded = text.casefold()
    if _MILLIONS.search(folded):
        return 1_000_000
    return 1000 if _THOUSANDS.search(folded) else 1


def _bare(text: str) -> str:
    """Without units in brackets or behind a comma."""
    return normal(_UNITS.sub(" ", normal(text)))
