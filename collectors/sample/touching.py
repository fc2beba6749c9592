"""Touches as lines: all that does not change from touch to touch is written once per campaign and dealer."""

import json
from functools import lru_cache
from typing import NamedTuple

from collectors.sample.channels import PLACEMENTS
from collectors.sample.files import DayFiles
from collectors.sample.holding import Holding
from collectors.sample.people import Register, scramble
from collectors.sample.season import DAY, date_of

_SESSIONS, _CLICKS = 11, 12
_DEVICES = ("mobile", "desktop", "tablet", "mobile")
SITE = "https://dealers.example"


class Visit(NamedTuple):
    """`campaign` stands for itself where the placement has several."""

    at: int
    placement: int
    dealer: int
    person: int
    device: int
    account: bool
    names_dealer: bool
    campaign: str = ""


class TouchWriter:
    def __init__(self, files: DayFiles, holding: Holding, register: Register) -> None:
        self._files = files
        self._holding = holding
        self._register = register
        self._number = 0
        self._fixed_part = lru_cache(maxsize=None)(self._fixed)

    def write(self, visit: Visit) -> str:
        """Write one touch and return its id; empty where it lies behind the period."""
        self._number += 1
        number = self._number
        user = f'"user_id":"u-{visit.person}",' if visit.account else ""
        clicks = ""
        way_in = PLACEMENTS[visit.placement]
        if way_in.click_id:
            clicks = f'"click_ids":{{"{way_in.click_id}":"{self._register.mark(number, _CLICKS)}"}},'
        term = ""
        if way_in.terms:
            brand = self._holding.dealers[visit.dealer].brand.name
            text = way_in.terms[scramble(number) % len(way_in.terms)].format(brand=brand)
            term = f'"term":{json.dumps(text, ensure_ascii=False)},'
        line = (
            f'{{"id":"t-{number:09d}","occurred_at":"{moment(visit.at)}",'
            f'"visitor_id":"{self._register.visitor(visit.person, visit.device)}",'
            f'"session_id":"{session_id(number)}",{user}{clicks}{term}"device":"{_DEVICES[visit.device]}",'
            f"{self._fixed_part(visit.placement, visit.dealer, visit.campaign, visit.names_dealer)}}}"
        )
        return f"t-{number:09d}" if self._files.add("touches", visit.at, line.encode()) else ""

    def _fixed(self, placement: int, dealer: int, campaign: str, names_dealer: bool) -> str:
        way_in, centre = PLACEMENTS[placement], self._holding.dealers[dealer]
        name = campaign or self._holding.campaigns[self._holding.campaign_of(placement, dealer)].name
        marks = {"source": way_in.source, "medium": way_in.medium, "campaign": name, "contractor": way_in.contractor}
        query = "&".join(f"utm_{key}={value}" for key, value in marks.items() if value and key != "contractor")
        page = centre.slug if names_dealer else centre.brand.slug
        fields = {
            "url": f"{SITE}/{page}/" + (f"?{query}" if query and not way_in.referrer else ""),
            "referrer": way_in.referrer,
            "dealer": centre.slug if names_dealer else "",
            "region": centre.city.name,
            **({} if way_in.medium == "organic" else marks),
        }
        return json.dumps({key: value for key, value in fields.items() if value}, separators=(",", ":"))[1:-1]


def session_id(touch_number: int) -> str:
    return f"s-{touch_number:09d}"


def session_of(touch_id: str) -> str:
    return f"s-{touch_id.removeprefix('t-')}"


@lru_cache(maxsize=4096)
def _day_text(day: int) -> str:
    return date_of(day).isoformat()


def moment(at: int) -> str:
    """RFC 3339 in UTC with milliseconds."""
    day, rest = divmod(at, DAY)
    seconds, millis = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_day_text(day)}T{hour:02d}:{minute:02d}:{second:02d}.{millis:03d}Z"
