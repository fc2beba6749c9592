"""Spend finds the touches that it paid for, by a rule that is told."""

import re
import unicodedata
from typing import Any

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.attribution.world import World, lead, spend, visit

DAY = ("2026-01-02", "2026-01-02")


def paid(campaign: str, cost: int, **fields: Any) -> dict[str, Any]:
    return spend(*DAY, cost, fields.pop("source", "yandex"), campaign=campaign, id=f"s{cost}", **fields)


def touched(number: int, campaign: str, times: int = 1, **fields: Any) -> list[dict[str, Any]]:
    source = fields.pop("source", "yandex")
    return [visit(f"t{number}-{n}", f"v{number}-{n}", 1, source, campaign=campaign, **fields) for n in range(times)]


def rules(world: World) -> dict[str, tuple[str, str]]:
    """By the campaign that spend names: the rule, and the campaign of touches."""
    found = world.rows("select * from spend_origins where run = (select max(run) from attribution_runs)")
    return {row["campaign"]: (row["rule"], row["touch_campaign"]) for row in found}


def test_spend_lies_in_the_row_of_its_touches(world: World) -> None:
    world.tell({
        "spend": [
            paid("Vesna_2026", 1), paid("exact", 2), paid("Лето_12345678", 4, properties={"campaign_id": "12345678"}),
            paid("55555555", 8, properties={"campaign_name": "Осень Москва"}), paid("nobody", 16),
            paid("чёрная-пятница", 32), paid("77777777", 64), paid("vesna 2026", 128, source="Яндекс", medium="CPC"),
            paid("1-12", 256), paid("trade in", 512, medium=""),
        ],
        "touches": [
            *touched(1, "весна-2026", 2), *touched(2, "exact"), *touched(3, "Exact", 3),
            *touched(4, "msk|12345678|search"), *touched(5, "osen_moskva"), *touched(6, "Chernaya Pyatnitsa"),
            *touched(7, "77777777"), *touched(8, "11-2"), *touched(9, "Trade-In", medium="cpm"),
        ],
    })  # fmt: skip
    world.attribute()
    assert rules(world) == {
        "Vesna_2026": ("tolerant", "весна-2026"), "exact": ("utm", "exact"),
        "Лето_12345678": ("id", "msk|12345678|search"), "55555555": ("tolerant", "osen_moskva"),
        "nobody": ("none", "nobody"), "чёрная-пятница": ("tolerant", "Chernaya Pyatnitsa"),
        "77777777": ("id", "77777777"), "vesna 2026": ("tolerant", "весна-2026"), "1-12": ("none", "1-12"),
        "trade in": ("tolerant", "Trade-In"),
    }  # fmt: skip
    cost = world.figures("campaign", "cost")
    assert (cost["весна-2026"], cost["exact"], cost["nobody"]) == (129, 2, 16)
    assert sum(cost.values()) == 1023
    assert world.figures("source", "cost") == {"yandex": 1023}
    assert world.figures("medium", "cost") == {"cpc": 511, "cpm": 512}
    row = world.report("campaign").rows.set_index("campaign").loc["весна-2026"]
    assert (row["cost"], row["sessions"]) == (129, 2)


def test_of_several_names_the_most_frequent_holds_and_content_follows(world: World) -> None:
    world.tell({
        "spend": [
            paid("Vesna", 1, content="Banner_1"), paid("Vesna", 2, content="9876543"), paid("Vesna", 4, content="new"),
            paid("", 8), paid("", 16, source="vk"),
        ],
        "touches": [
            *touched(1, "vesna", 2, content="banner-1"), *touched(2, "весна", 3, content="баннер 1"),
            *touched(3, "весна", 1, content="ad 9876543"), *touched(4, "x", source="vk", medium="social"),
        ],
    })  # fmt: skip
    world.attribute()
    assert world.figures("campaign", "cost") == {"весна": 7, "(none)": 24}
    assert world.figures("content", "cost") == {"баннер 1": 1, "ad 9876543": 2, "new": 4, "(none)": 24}
    assert rules(world)[""][0] in ("utm", "none")


def test_an_id_counts_within_its_source_alone(world: World) -> None:
    ad = {"campaign_id": "12345678"}
    world.tell({
        "spend": [paid("spring", 1, properties=ad), paid("spring", 2, source="vk", properties=ad)],
        "touches": touched(1, "c12345678"),
    })  # fmt: skip
    world.attribute()
    assert world.figures("campaign", "cost") == {"c12345678": 1, "spring": 2}


def test_spend_is_in_the_channel_and_of_the_contractor_of_its_touches(world: World) -> None:
    world.refer(
        channel_rules=[{"channel": "spring", "campaign": "^весна"}, {"channel": "rest"}],
        contractors=[
            {"id": "agency", "campaigns": [{"source": "yandex", "campaign": "весна"}], "fees": [{"percent": 10}]}
        ],
    )
    world.tell({
        "spend": [paid("Vesna", 100), paid("autumn", 7)],
        "touches": touched(1, "весна"),
        "leads": [lead("l", 2, visitor_id="v1-0")],
    })  # fmt: skip
    world.attribute()
    assert world.figures("channel", "cost") == {"spring": 110, "rest": 7}
    assert world.figures("contractor", "cost") == {"agency": 110, "(none)": 7}


LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip
words = st.text("".join(LATIN), min_size=2, max_size=8).filter(lambda word: not re.search("[шч]цх|цхч", word))
"""Whose Latin letters can be told apart: no Russian word holds what is left out."""


@settings(max_examples=2, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@example([("сжкс", f"шкёшцх{sign}", 23) for sign in "абвгдежз"] + [("тщ", f"цх{sign}", 1) for sign in "абвгдежз"])
@given(st.lists(st.tuples(words, words, st.integers(0, 99)), min_size=20, max_size=24, unique=True))
def test_any_name_is_known_in_latin_letters(world: World, told: list[tuple[str, str, int]]) -> None:
    """As the passport writes it, in capitals, and however its words are held apart."""
    world.clear()
    names = [f"{one} {other} {number}" for one, other, number in told]
    latin = ["".join(LATIN.get(sign, sign) for sign in name).upper().replace(" ", "--") for name in names]
    world.tell({
        "spend": [spend(*DAY, n + 1, "yandex", campaign=name, id=f"s{n}") for n, name in enumerate(latin)],
        "touches": [each for n, name in enumerate(names) for each in touched(n, name)],
    })  # fmt: skip
    world.attribute()
    found = rules(world)
    assert {rule for rule, _ in found.values()} == {"tolerant"}
    assert {plainly(campaign) for _, campaign in found.values()} <= {plainly(name) for name in names}
    assert sum(world.figures("campaign", "cost").values()) == sum(range(1, len(told) + 1))


def plainly(name: str) -> str:
    return re.sub(r"\W+", "", unicodedata.normalize("NFC", name))
