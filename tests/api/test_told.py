"""What errors and notices say, in the reader's language."""

import pytest

from api.language import speaking
from api.told import told


@pytest.mark.parametrize(
    ("text", "russian"),
    [
        ("There is no view 'x'.", "Вида 'x' нет."),
        ("Write a whole number.", "Напишите целое число."),
        ("Ask an administrator for the right to read reports.", "Попросите у администратора право: читать отчёты."),
        ("Linear, difference", "Линейная, разница"),
        ("CPL, like for like, from", "CPL при равных условиях, от"),
        ("LTV 6 months", "LTV за 6 мес."),
        (
            "All channels of d2 fell at once since 2026-03-12: look at its site and the tracker on it.",
            "Упали сразу все каналы (d2) с 2026-03-12: проверьте его сайт и трекер на нём.",
        ),
        (
            "Channel “a. b” makes 40% of the change; dealer “x” makes 30% of the change. Spend goes on (1,200 a day).",
            "Канал «a. b» — 40% изменения; дилер «x» — 30% изменения. Расходы идут (1,200 в день).",
        ),
        (
            "Cost went up 30% and leads down 10%. Of the money above the usual CPL of 3,000: campaign “a” 40%.",
            "Расходы: рост на 30%, лиды: спад на 10%. Из денег сверх обычного CPL 3,000: кампания «a» 40%.",
        ),
        (
            "It fell at campaign “x”, “y” (3 others did not). Spend goes on (1,000 a day).",
            "Падение — кампания “x”, “y” (остальные 3 — нет). Расходы идут (1,000 в день).",
        ),
        ("What nobody has translated stays, whole.", "What nobody has translated stays, whole."),
        ("", ""),
    ],
)
def test_it_is_found_by_what_stands_between_its_values(text: str, russian: str) -> None:
    with speaking("ru"):
        assert told(text) == russian
    assert told(text) == text


def test_a_long_text_is_left_alone() -> None:
    with speaking("uk"):
        assert told("a “b” " * 1000) == "a “b” " * 1000


def test_a_list_of_many_values_is_not_looked_through_for_ever() -> None:
    with speaking("ru"):
        values = ", ".join(f"“value {number}”: so. And so" for number in range(60))
        assert "value 59" in told(values)
