"""What becomes of those who ask a dealer: the request, its answer, the deal, the sale, and service afterwards."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from collectors.sample.channels import CARRIES_SOURCE, ON_SITE, PLACEMENTS, Placement, Way
from collectors.sample.files import DayFiles
from collectors.sample.holding import Dealer, Holding
from collectors.sample.people import Person, manager_name
from collectors.sample.season import DAY, HOUR, MINUTE, opening_hours
from collectors.sample.touching import moment, session_of

LEAD_WINDOW = 30 * DAY
SERVICE = "service"
_LEAD_KINDS = {
    Way.FORM: "form",
    Way.LEAD_FORM: "form",
    Way.CHAT: "chat",
    Way.MESSENGER: "messenger",
    Way.EMAIL: "email",
    Way.WALK_IN: "offline",
}
_STAGES = (
    # stage, chance to reach it from the one before, mean lag in days
    ("qualified", 0.66, 0.4),
    ("appointment", 0.78, 1.5),
    ("visit", 0.74, 4.0),
    ("test_drive", 0.62, 0.05),
    ("contract", 0.50, 9.0),
    ("sale", 0.92, 14.0),
)
_TAKE_CARE = ("qualified", "appointment")
_LOST = ("bought elsewhere", "price", "no answer", "postponed", "no stock")


@dataclass(slots=True)
class Seen:
    """A touch as a perfect observer sees it."""

    id: str
    at: int
    placement: int
    visitor_id: str
    campaign: str


@dataclass(slots=True)
class Story:
    """A person who asks, with all touches so far and the placement that truly brought the request about."""

    person: Person
    dealer: Dealer
    touches: list[Seen]
    brought_by: Placement
    tied: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Deal:
    id: str
    lead: str
    kind: str
    product: str


def _values(amount: float, margin: float) -> dict[str, str]:
    return {"amount": f"{amount:.2f}", "margin": f"{margin:.2f}", "currency": "RUB"}


class Requests:
    """Writes requests and what follows. Everything random comes from `rng`, in order."""

    def __init__(self, files: DayFiles, holding: Holding, rng: np.random.Generator) -> None:
        self._files = files
        self._holding = holding
        self._rng = rng
        (self._of_calls_back,) = rng.spawn(1)
        self._last_lead: dict[tuple[int, str], int] = {}
        self._leads = self._calls = self._deals = self._events = 0

    def ask(self, story: Story) -> int | None:
        """The person asks after the last touch. Returns the moment of a sale, if there is one in the period."""
        last = story.touches[-1]
        way = self._choose_way(PLACEMENTS[last.placement])
        at = last.at + int(self._rng.uniform(1, 9) * MINUTE)
        if way not in ON_SITE:
            at = opening_hours(last.at + int(self._rng.uniform(5, 600) * MINUTE), float(self._rng.random()))
        if way in (Way.SESSION_CALL, Way.STATIC_CALL, Way.OFFICE_CALL):
            about = self._call(story, way, at)
        else:
            about = self._lead(story, way, at)
        if not about:
            return None
        self._repeat_request(story, at)
        self._tell_lead(story, about, at, "")
        return self._deal(story, about, at)

    def junk(self, at: int, dealer: Dealer, phone: str) -> None:
        """A request of nobody."""
        self._leads += 1
        lead = {"id": f"l-{self._leads:07d}", "created_at": moment(at), "kind": "form", "dealer": dealer.slug,
                "phone": phone, "status": "junk"}  # fmt: skip
        self._files.add_event("leads", at, lead)

    def book_service(self, story: Story, at: int) -> str:
        """The person asks for service on the site. Returns the lead's id; empty where it lies behind the period."""
        lead = self._lead(story, Way.FORM, at, product="maintenance", direction=SERVICE)
        if lead:
            self._tell_lead(story, lead, at, SERVICE)
        return lead

    def service(self, story: Story, at: int, lead: str) -> None:
        """A visit to the workshop: a deal of its own."""
        self._deals += 1
        deal = _Deal(f"d-{self._deals:07d}", lead, "service", "maintenance")
        amount = round(float(self._rng.lognormal(9.7, 0.6)), 2)
        margin = round(amount * 0.38, 2)
        self._stage(story, deal, "visit", at)
        if self._stage(story, deal, "sale", at + 4 * HOUR, _values(amount, margin)):
            self._tell_truth(story, "service_visit", deal.id, at + 4 * HOUR, amount, margin)

    def _choose_way(self, placement: Placement) -> Way:
        weights = np.cumsum([weight for _, weight in placement.ways])
        return placement.ways[int(np.searchsorted(weights, self._rng.random() * weights[-1]))][0]

    def _lead(
        self, story: Story, way: Way, at: int, status: str = "new", product: str = "", direction: str = ""
    ) -> str:
        self._leads += 1
        last, person = story.touches[-1], story.person
        answered = opening_hours(at, 0.5) + int(self._rng.exponential(25) * MINUTE)
        lead: dict[str, Any] = {
            "id": f"l-{self._leads:07d}",
            "created_at": moment(at),
            "kind": _LEAD_KINDS[way],
            "name": person.name,
            "phone": person.phone,
            "email": person.email,
            "dealer": story.dealer.slug,
            "product": product,
            "direction": direction,
            "status": status,
            "manager": manager_name(story.dealer.index, int(self._rng.integers(4))),
            "first_response_at": moment(answered) if self._files.covers(answered) else "",
        }
        if way in ON_SITE:
            lead |= {"visitor_id": last.visitor_id, "session_id": session_of(last.id), "user_id": person.user_id}
        if way in CARRIES_SOURCE:
            lead |= self._source(last)
        lead = {key: value for key, value in lead.items() if value}
        if not self._files.add_event("leads", at, lead):
            return ""
        if way in ON_SITE:
            story.tied.add(last.visitor_id)
        return str(lead["id"])

    def _call(self, story: Story, way: Way, at: int) -> str:
        self._calls += 1
        last = story.touches[-1]
        status = "answered" if self._rng.random() < 0.86 * min(story.dealer.care, 1.1) else "missed"
        if status == "missed" and self._rng.random() < 0.2:
            status = "busy"
        talk = int(self._rng.lognormal(4.7, 0.8)) if status == "answered" else 0
        waiting = int(self._rng.exponential(14)) + 2
        called = story.dealer.office_line
        if way is Way.SESSION_CALL:
            called = story.dealer.pool_line(self._calls)
        elif way is Way.STATIC_CALL and PLACEMENTS[last.placement].static_number:
            called = story.dealer.line(last.placement)
        call: dict[str, Any] = {
            "id": f"c-{self._calls:07d}",
            "started_at": moment(at),
            "caller": story.person.phone,
            "called": called,
            "status": status,
            "duration_s": talk + waiting,
            "talk_s": talk,
            "waiting_s": waiting,
            "dealer": story.dealer.slug,
        }
        if status == "answered":
            call["operator"] = manager_name(story.dealer.index, int(self._rng.integers(4)))
        if way is Way.SESSION_CALL:
            call |= {"visitor_id": last.visitor_id, "session_id": session_of(last.id)}
        if not self._files.add_event("calls", at, call):
            return ""
        if way is Way.SESSION_CALL:
            story.tied.add(last.visitor_id)
        if status != "answered":
            self._call_back(story, str(call["id"]), at)
        return str(call["id"])

    def _call_back(self, story: Story, missed: str, at: int) -> None:
        """Dealers who take care call back sooner and more often; not everybody answers."""
        rng, care = self._of_calls_back, min(story.dealer.care, 1.1)
        if rng.random() > 0.75 * care:
            return
        later = opening_hours(at + int(rng.exponential(35 / care) * MINUTE) + MINUTE, float(rng.random()))
        talk = int(rng.lognormal(4.5, 0.8)) if rng.random() < 0.8 else 0
        waiting = int(rng.exponential(12)) + 3
        call = {
            "id": f"{missed}-back",
            "started_at": moment(later),
            "caller": story.dealer.office_line,
            "called": story.person.phone,
            "direction": "out",
            "status": "answered" if talk else "missed",
            "duration_s": talk + waiting,
            "talk_s": talk,
            "waiting_s": waiting,
            "dealer": story.dealer.slug,
            "operator": manager_name(story.dealer.index, int(rng.integers(4))),
        }
        self._files.add_event("calls", later, call)

    def _source(self, seen: Seen) -> dict[str, str]:
        placement = PLACEMENTS[seen.placement]
        return {"source": placement.source, "medium": placement.medium, "campaign": seen.campaign}

    def _repeat_request(self, story: Story, at: int) -> None:
        """Some ask twice within days; the CRM marks some of these as duplicates."""
        if self._rng.random() < 0.09:
            again = at + int(self._rng.uniform(0.05, 12) * DAY)
            self._lead(story, Way.FORM, again, "duplicate" if self._rng.random() < 0.5 else "new")

    def _deal(self, story: Story, about: str, at: int) -> int | None:
        """All stages of a deal. Returns the moment of the sale, if there is one in the period."""
        self._deals += 1
        rng = self._rng
        kind = "new_car" if rng.random() < 0.76 else "used_car"
        product, price = story.dealer.brand.models[int(rng.integers(3))]
        price = int(price * story.dealer.city.car_price * (1 if kind == "new_car" else 0.6) * rng.uniform(0.94, 1.12))
        amount, margin = round(price, -2), round(price * story.dealer.brand.margin * rng.uniform(0.5, 1.4), 2)
        deal = _Deal(f"d-{self._deals:07d}", about if about.startswith("l-") else "", kind, product)
        at += int(rng.exponential(30) * MINUTE) + MINUTE
        self._stage(story, deal, "lead", at)
        for stage, chance, lag in _STAGES:
            if stage == "test_drive" and rng.random() > chance:
                continue
            if rng.random() > (chance * story.dealer.care if stage in _TAKE_CARE else chance):
                lost = at + int(rng.exponential(8) * DAY) + HOUR
                self._stage(story, deal, "lost", lost, {"lost_reason": str(rng.choice(_LOST))})
                return None
            at += int(rng.exponential(lag) * DAY) + 10 * MINUTE
            if not self._stage(
                story, deal, stage, at, _values(amount, margin) if stage in ("contract", "sale") else {}
            ):
                return None
            if stage in ("qualified", "visit"):
                self._tell_truth(story, stage, deal.id, at)
        self._tell_truth(story, "sale", deal.id, at, amount, margin)
        return at

    def _stage(self, story: Story, deal: _Deal, stage: str, at: int, more: dict[str, str] | None = None) -> bool:
        self._events += 1
        person = story.person
        contact = {"crm_id": person.crm_id, "phone": person.phone, "email": person.email}
        event = {
            "id": f"e-{self._events:08d}",
            "deal_id": deal.id,
            "occurred_at": moment(at),
            "stage": stage,
            "kind": deal.kind,
            "lead_id": deal.lead,
            "contact": {key: value for key, value in contact.items() if value},
            "dealer": story.dealer.slug,
            "manager": manager_name(story.dealer.index, int(deal.id[-1]) % 4),
            "product": deal.product,
            **(more or {}),
        }
        return self._files.add_event("deals", at, {key: value for key, value in event.items() if value})

    def _tell_lead(self, story: Story, about: str, at: int, direction: str) -> None:
        """Requests of one person and direction within the lead window are one lead."""
        asker = (story.person.number, direction)
        if at - self._last_lead.get(asker, -LEAD_WINDOW - 1) > LEAD_WINDOW:
            self._last_lead[asker] = at
            self._tell_truth(story, "lead", about, at)
        else:
            self._tell_truth(story, "repeat_lead", about, at)

    def _tell_truth(self, story: Story, kind: str, about: str, at: int, revenue: float = 0, margin: float = 0) -> None:
        tied = set(story.person.visitors) if story.person.user_id and story.tied else story.tied
        truth = {
            "kind": kind,
            "id": about,
            "person": story.person.number,
            "visitor_ids": list(story.person.visitors),
            "tied_visitor_ids": sorted(tied),
            "at": moment(at),
            "dealer": story.dealer.slug,
            "revenue": f"{revenue:.2f}",
            "margin": f"{margin:.2f}",
            "brought_by": story.brought_by.channel,
            "touches": [
                {"id": seen.id, "at": moment(seen.at), "channel": PLACEMENTS[seen.placement].channel,
                 "visitor_id": seen.visitor_id, "campaign": seen.campaign}
                for seen in story.touches
                if seen.at <= at
            ],
        }  # fmt: skip
        self._files.add_event("truth", at, truth)
