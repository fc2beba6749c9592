"""What the pages of the conversions behind a group, and of one conversion's journey, show."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from api.bootstrap import Services
from api.channels_address import BEHIND, Crumb, Place
from api.dates import dated
from api.language import gettext as _
from api.numbers import written_in
from api.romi_table import data_bar
from api.romi_view import export_links, frame_view
from attribution.conversion_journey import conversion_journey
from attribution.conversions_behind import conversions_behind
from attribution.measures import Unit
from attribution.models import Model
from attribution.runs import KINDS, newest_run
from attribution.visibility import Visibility

JOURNEY = "/channels/journeys"
KIND_TITLES = {
    "lead": "Leads", "qualified": "Qualified leads", "visit": "Showroom visits", "sale": "Sales",
    "service_visit": "Service visits",
}  # fmt: skip
_ONE_OF = {
    "lead": "Lead", "qualified": "Qualified lead", "visit": "Showroom visit", "sale": "Sale",
    "service_visit": "Service visit",
}  # fmt: skip
_TIMELINE_WIDTH, _EDGE = 1000, 14


def behind_view(services: Services, seen: Visibility, place: Place, kind: str) -> dict[str, Any]:
    """Raises `InvalidInput`, and `NotReady` where nothing was attributed yet."""
    question, warehouse = place.question, services.warehouse
    run = newest_run(warehouse).number
    found = services.per_run.answer(
        run, ("behind", seen, place.key, kind),
        lambda: conversions_behind(warehouse, question, services.settings.timezone, kind=kind, seen=seen),
    )  # fmt: skip
    of_kind = {"kind": kind} if kind else {}
    return {
        **frame_view(services, place, BEHIND),
        "kind": kind,
        "kinds": [("", "All", place.address(BEHIND))]
        + [(each, KIND_TITLES[each], place.address(BEHIND, kind=each)) for each in KINDS],
        "one_of": _ONE_OF,
        "figures": found.figures,
        "rows": [{**row, "address": journey_address(place, row["kind"], row["id"])} for row in found.items()],
        "totals": found.totals,
        "count": found.groups,
        "first": question.offset + 1,
        "next": place.address(BEHIND, **of_kind, next=found.next) if found.next else "",
        "exports": export_links("/api/reports/conversions", question, **of_kind),
        "run": found.run,
    }


def journey_address(place: Place, kind: str, conversion: str) -> str:
    return f"{JOURNEY}/{kind}/{quote(conversion, safe='')}?{urlencode(place.parameters())}"


def journey_view(services: Services, seen: Visibility, place: Place, kind: str, conversion: str) -> dict[str, Any]:
    """Raises `NotFound`, and `NotReady` where nothing was attributed yet."""
    found = conversion_journey(services.warehouse, kind, conversion, services.settings, seen=seen)
    told = found.about["conversion"]
    touches = found.items()
    asked = {"kind": kind, "id": conversion}
    return {
        **frame_view(services, place, JOURNEY),
        "crumbs": [*_linked(place), Crumb(f"{_(_ONE_OF[kind])} {conversion}", "")],
        "title": f"{_(_ONE_OF[kind])} {conversion}",
        "conversion": told,
        "at": _moment(told["at"]),
        "facts": _facts(told),
        "figures": [figure for figure in found.figures if figure.slug != "days_before"],
        "model": place.question.model,
        "touches": [_touch(number, each) for number, each in enumerate(touches, 1)],
        "timeline": _timeline(touches),
        "length": max((each["days_before"] or 0 for each in touches), default=0),
        "exports": [
            (form, f"/api/reports/journey?{urlencode({**asked, 'format': form})}") for form in ("csv", "xlsx", "json")
        ],
        "run": found.run,
    }


def _linked(place: Place) -> list[Crumb]:
    *above, here = place.crumbs()
    return [*above, Crumb(here.title, place.address(BEHIND))]


def _facts(told: dict[str, Any]) -> list[tuple[str, str]]:
    facts = [
        ("Dealer", told["dealer"]), ("Brand", told["brand"]), ("Product", told["product"]),
        ("Kind of deal", told["deal_kind"]), ("First or repeat", told["repeat"]),
        ("Revenue", written_in(Unit.MONEY, told["revenue"]) if told["revenue"] else ""),
        ("Margin", written_in(Unit.MONEY, told["margin"]) if told["margin"] else ""),
    ]  # fmt: skip
    return [(title, value) for title, value in facts if value]


def _touch(number: int, row: dict[str, Any]) -> dict[str, Any]:
    came_from = " / ".join(filter(None, (row["source"], row["medium"])))
    more = [row[name] for name in ("campaign", "content", "term", "device", "region") if row[name]]
    return {
        "number": number,
        "at": _moment(row["at"]) if row["at"] else "",
        "days_before": row["days_before"],
        "channel": row["channel"],
        "came_from": came_from,
        "more": more,
        "shares": [(written_in(Unit.SHARE, row[model.value]), data_bar(row[model.value], 0, 1)) for model in Model],
    }


def _timeline(touches: list[dict[str, Any]]) -> list[tuple[float, str]]:
    """The place of each touch between the first and the conversion, and what it was."""
    dated = [each for each in touches if each["days_before"] is not None]
    longest = max((each["days_before"] for each in dated), default=0) or 1
    room = _TIMELINE_WIDTH - 2 * _EDGE
    return [
        (
            round(_EDGE + room * (1 - max(0, each["days_before"]) / longest), 1),
            f"{_moment(each['at'])}: {each['channel']}",
        )
        for each in dated
    ]


def _moment(text: str) -> str:
    return dated(datetime.fromisoformat(text), "dd MMM y, HH:mm")
