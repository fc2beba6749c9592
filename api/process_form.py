"""The form of a process: stages of one kind of plan, each with its fields, as text until they are kept."""

from collections.abc import Sequence
from typing import Any

from starlette.datastructures import FormData

from api.forms import number_of, text_of, texts_of
from infra.errors import InvalidInput
from planning.approval.process import Stage

StageForm = dict[str, Any]
_MOST = 30
_TEXTS = (
    "id", "title", "role", "people", "per", "deadline", "days", "limit_measure", "limit_amount", "limit_currency",
    "escalate_to", "instruction", "data_sources", "hand_over",
)  # fmt: skip


def stage_forms(stages: Sequence[Stage]) -> list[StageForm]:
    return [_form_of(stage) for stage in stages]


def read_stage_forms(form: FormData) -> list[StageForm]:
    """As they were written, with what the button did to them: one more, or one less."""
    count = min(number_of(form, "stages"), _MOST)
    found = [_read(form, place) for place in range(count)]
    action, _bar, place = text_of(form, "do").partition("|")
    if action == "add" and len(found) < _MOST:
        found.append(_empty(found))
    elif action == "remove" and place.isdecimal() and int(place) < len(found):
        gone = found.pop(int(place))
        for each in found:
            each["after"] = [key for key in each["after"] if key != gone["id"]]
    elif action == "up" and place.isdecimal() and 0 < int(place) < len(found):
        here = int(place)
        found[here - 1], found[here] = found[here], found[here - 1]
    return found


def stages_told(forms: Sequence[StageForm]) -> list[dict[str, Any]]:
    """As the document has them. Raises `InvalidInput` for what is no number."""
    return [_told(each, place) for place, each in enumerate(forms)]


def read_reminders(form: FormData) -> dict[str, str]:
    return {name: text_of(form, name)[:100] for name in ("before", "after", "escalate_after", "hour")}


def reminders_told(told: dict[str, str]) -> dict[str, Any]:
    """Raises `InvalidInput`."""
    lists: dict[str, Any] = {
        name: [_whole(each, f"reminders.{name}") for each in told[name].replace(";", ",").split(",") if each.strip()]
        for name in ("before", "after")
    }
    return lists | {name: _whole(told[name], f"reminders.{name}") for name in ("escalate_after", "hour")}


def _form_of(stage: Stage) -> StageForm:
    limit = stage.only_above
    deadline = "before" if stage.days_before is not None else "opening" if stage.days_after_opening is not None else ""
    days = stage.days_before if stage.days_before is not None else stage.days_after_opening
    return {
        "id": stage.id,
        "title": stage.title,
        "role": stage.role.value if stage.role else "",
        "people": "\n".join(stage.people),
        "per": stage.per.value,
        "after": list(stage.after),
        "deadline": deadline,
        "days": "" if days is None else str(days),
        "limit_measure": limit.measure if limit else "",
        "limit_amount": str(limit.amount) if limit else "",
        "limit_currency": limit.currency if limit else "",
        "returns_at_once": stage.returns_at_once,
        "escalate_to": stage.escalate_to.value if stage.escalate_to else "",
        "opens": list(stage.opens),
        "instruction": stage.instruction,
        "data_sources": stage.data_sources,
        "hand_over": stage.hand_over,
    }


def _read(form: FormData, place: int) -> StageForm:
    found: StageForm = {name: text_of(form, f"{name}|{place}") for name in _TEXTS}
    found["after"] = texts_of(form, f"after|{place}")
    found["opens"] = texts_of(form, f"opens|{place}")
    found["returns_at_once"] = bool(text_of(form, f"returns_at_once|{place}"))
    return found


def _empty(others: Sequence[StageForm]) -> StageForm:
    taken = {each["id"] for each in others}
    key = next(name for number in range(1, _MOST + 2) if (name := f"stage_{number}") not in taken)
    found: StageForm = dict.fromkeys(_TEXTS, "")
    last = [others[-1]["id"]] if others else []
    asked = {"id": key, "per": "once", "role": "marketing_director"}
    return found | asked | {"after": last, "opens": [], "returns_at_once": False}


def _told(form: StageForm, place: int) -> dict[str, Any]:
    days = _whole(form["days"], f"{place}.days") if form["deadline"] else None
    limit = None
    if form["limit_measure"]:
        amount = "".join(form["limit_amount"].split()).replace(",", ".")
        limit = {"measure": form["limit_measure"], "amount": amount, "currency": form["limit_currency"]}
    people = [] if form["role"] else form["people"].split()
    return {
        "id": form["id"],
        "title": form["title"],
        "role": form["role"] or None,
        "people": people,
        "per": form["per"],
        "after": form["after"],
        "days_before": days if form["deadline"] == "before" else None,
        "days_after_opening": days if form["deadline"] == "opening" else None,
        "only_above": limit,
        "returns_at_once": form["returns_at_once"],
        "escalate_to": form["escalate_to"] or None,
        "opens": form["opens"],
        "instruction": form["instruction"].replace("\r\n", "\n"),
        "data_sources": form["data_sources"].replace("\r\n", "\n"),
        "hand_over": form["hand_over"].replace("\r\n", "\n"),
    }


def _whole(text: str, where: str) -> int:
    told = text.strip()
    if not told.isdecimal() or len(told) > 6:
        raise InvalidInput(f"{text!r} is no number of days.", where=where, help="Write a whole number, such as 5.")
    return int(told)
