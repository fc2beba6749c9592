"""Opportunities by plain slow Python, of persons who are known by their phones alone; and random events of such."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

LADDER = ("lead", "qualified", "appointment", "visit", "test_drive", "contract", "sale")
NEXT = {0: 1, 1: 3, 2: 3, 3: 5, 4: 5, 5: 6}
BEFORE = {1: 0, 2: 1, 3: 1, 4: 3, 5: 3, 6: 5}
LEAD_WINDOW, LOOKBACK = timedelta(days=30), timedelta(days=90)
START, NEVER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)
SERVICE = ("service", "parts")


@dataclass
class Opportunity:
    has_lead: bool
    at: datetime
    person: str
    dealer: str
    manager: str
    is_service: bool
    deals: list[list[dict[str, Any]]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def seen(self) -> list[datetime | None]:
        moments: list[datetime | None] = [self.at]
        for stage in LADDER[1:-1]:
            said = [at(e) for deal in self.deals for e in deal if e["stage"] == stage]
            moments.append(max(min(said), self.at) if said else None)
        sales = [sale for deal in self.deals if (sale := standing_sale(deal))]
        return [*moments, max(min(sales), self.at) if sales else None]

    @property
    def reached(self) -> list[datetime | None]:
        seen = self.seen
        first_sales = [at(e) for deal in self.deals for e in deal if e["stage"] == "sale"]
        sold = max(min(first_sales), self.at) if first_sales else None

        def earliest(places: tuple[int, ...]) -> datetime | None:
            found = [moment for moment in (*(seen[place] for place in places), sold) if moment]
            return min(found, default=None)

        qualified = earliest((1, 2, 3, 4, 5))
        if any(contact.get("status") == "qualified" for contact in self.contacts):
            qualified = self.at
        return [self.at, qualified, seen[2], earliest((3, 4, 5)), seen[4], earliest((5,)), seen[6]]

    @property
    def state(self) -> str:
        if any(standing_sale(deal) for deal in self.deals):
            return "sold"
        return "lost" if self.deals and all(is_lost(deal) for deal in self.deals) else "open"

    @property
    def responded(self) -> datetime | None:
        said = [at(e) for deal in self.deals for e in deal if e["stage"] != "lead"]
        for contact in self.contacts:
            if "called" in contact and contact["status"] == "answered":
                said.append(at(contact) + timedelta(seconds=contact["waiting_s"]))
            elif contact.get("first_response_at"):
                said.append(datetime.fromisoformat(contact["first_response_at"]))
        return max(min(said), self.at) if said else None

    @property
    def was_missed(self) -> bool:
        return any(contact.get("status") == "missed" for contact in self.contacts)


def at(event: dict[str, Any]) -> datetime:
    said = event.get("occurred_at") or event.get("created_at") or event["started_at"]
    return datetime.fromisoformat(said)


def standing_sale(deal: list[dict[str, Any]]) -> datetime | None:
    lost = max((at(e) for e in deal if e["stage"] == "lost"), default=NEVER)
    return min((at(e) for e in deal if e["stage"] == "sale" and at(e) >= lost), default=None)


def is_lost(deal: list[dict[str, Any]]) -> bool:
    return bool(max(deal, key=at)["stage"] == "lost")


def opportunities(events: dict[str, list[dict[str, Any]]]) -> list[Opportunity]:
    leads = {each["id"]: each for each in events["leads"]}
    deals: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in sorted(events["deals"], key=at):
        deals[event["deal_id"]].append(event)
    found = counted_leads(events, leads, deals)
    counted = list(found)

    def newest(person: str, dealer: str, is_service: bool, moment: datetime) -> Opportunity | None:
        fit = [
            each
            for each in counted
            if (each.person, each.dealer, each.is_service) == (person, dealer, is_service)
            and moment - LOOKBACK <= each.at <= moment
        ]
        return max(fit, key=lambda each: each.at, default=None)

    for deal in deals.values():
        lead = leads.get(deal[0].get("lead_id", ""))
        person, dealer = deal[0]["contact"]["phone"], deal[0]["dealer"]
        is_service = deal[0]["kind"] in SERVICE
        first = next((at(e) for e in deal if e["stage"] == "lead"), at(deal[0]))
        if lead:
            owner = newest(person, lead["dealer"], in_service(lead), at(lead))
        else:
            owner = newest(person, dealer, is_service, first)
        if owner is None:
            owner = Opportunity(False, at(deal[0]), person, dealer, deal[0]["manager"], is_service)
            found.append(owner)
        owner.deals.append(deal)
    for contact in (*(each for each in leads.values() if each["status"] != "junk"), *events["calls"]):
        person = contact.get("caller") or contact["phone"]
        owner = newest(person, contact["dealer"], in_service(contact), at(contact))
        if owner:
            owner.contacts.append(contact)
    for each in found:
        if each.deals:
            each.is_service = all(deal[0]["kind"] in SERVICE for deal in each.deals)
            each.manager = each.manager or max(each.deals, key=furthest)[0]["manager"]
    return found


def counted_leads(
    events: dict[str, list[dict[str, Any]]], leads: dict[str, dict[str, Any]], deals: dict[str, list[dict[str, Any]]]
) -> list[Opportunity]:
    asked: defaultdict[tuple[str, str, str], list[tuple[datetime, str, bool]]] = defaultdict(list)
    for lead in leads.values():
        if lead["status"] not in ("junk", "duplicate"):
            key = (lead["phone"], lead["dealer"], lead.get("direction", ""))
            asked[key].append((at(lead), lead["manager"], in_service(lead)))
    for call in events["calls"]:
        asked[call["caller"], call["dealer"], ""].append((at(call), call["operator"], False))
    for deal in deals.values():
        first = next((at(e) for e in deal if e["stage"] == "lead"), None)
        if first and not deal[0].get("lead_id") and deal[0]["kind"] not in SERVICE:
            asked[deal[0]["contact"]["phone"], deal[0]["dealer"], ""].append((first, deal[0]["manager"], False))
    found = []
    for (person, dealer, _), requests in asked.items():
        last = NEVER
        for moment, manager, is_service in sorted(requests):
            if moment - last > LEAD_WINDOW:
                last = moment
                found.append(Opportunity(True, moment, person, dealer, manager, is_service))
    return found


def in_service(lead: dict[str, Any]) -> bool:
    return lead.get("direction", "") in SERVICE


def furthest(deal: list[dict[str, Any]]) -> tuple[int, datetime]:
    return max(LADDER.index(e["stage"]) for e in deal if e["stage"] != "lost"), at(deal[0])


def quantile(values: list[float], level: float) -> float | None:
    """The smallest value that at least this share of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(int(np.ceil(level * len(ordered) - 1e-9)) - 1, 0)] if ordered else None


def random_events(seed: int, persons: int = 60) -> dict[str, list[dict[str, Any]]]:
    """All that may befall: repeats, junk, missed calls, skipped and undone stages, walk-ins, workshop visits."""
    rng = np.random.default_rng(seed)
    events: dict[str, list[dict[str, Any]]] = {"leads": [], "calls": [], "deals": []}

    def moment(days: float) -> str:
        return (START + timedelta(milliseconds=int(days * 86_400_000))).isoformat()

    for person in range(persons):
        phone = f"+7903{person:07d}"
        own: list[str] = []
        for _ in range(rng.integers(0, 4)):
            since, dealer = float(rng.uniform(0, 150)), str(rng.choice(["north", "south"]))
            if rng.random() < 0.6:
                lead = {
                    "id": f"l{len(events['leads'])}", "created_at": moment(since), "kind": "form", "phone": phone,
                    "dealer": dealer, "manager": str(rng.choice(["Anna", "Boris"])),
                    "status": str(rng.choice(["new", "qualified", "junk", "duplicate"], p=[0.6, 0.2, 0.1, 0.1])),
                }  # fmt: skip
                if rng.random() < 0.5:
                    lead["first_response_at"] = moment(since + float(rng.exponential(0.3)))
                if rng.random() < 0.15:
                    lead["direction"] = "service"
                events["leads"].append(lead)
                own.append(lead["id"])
            else:
                events["calls"].append({
                    "id": f"c{len(events['calls'])}", "started_at": moment(since), "caller": phone, "dealer": dealer,
                    "called": "+74950000000", "waiting_s": int(rng.integers(60)),
                    "status": str(rng.choice(["answered", "missed"])),
                    "operator": str(rng.choice(["Anna", "Boris"])),
                })  # fmt: skip
        for _ in range(rng.integers(0, 3)):
            events["deals"] += random_deal(rng, f"d{len(events['deals'])}", phone, own, moment)
    return events


def random_deal(rng: np.random.Generator, deal: str, phone: str, leads: list[str], moment: Any) -> list[dict[str, Any]]:
    stages = [stage for stage in LADDER if rng.random() < 0.6][: int(rng.integers(1, 8))] or ["lead"]
    if rng.random() < 0.5:
        stages.append("lost")
        if rng.random() < 0.2:
            stages.append("contract")
    days = np.cumsum([rng.uniform(0, 150), *rng.exponential(6, len(stages) - 1)])
    days *= min(1.0, 175 / days[-1])  # nothing comes from the future
    shared = {
        "deal_id": deal, "contact": {"phone": phone}, "dealer": str(rng.choice(["north", "south"])), "manager": "Vera",
        "kind": str(rng.choice(["new_car", "service"], p=[0.85, 0.15])), "amount": 1000, "margin": 100,
        "lost_reason": "price" if "lost" in stages else "",
    }  # fmt: skip
    if leads and rng.random() < 0.5:
        shared["lead_id"] = str(rng.choice(leads))
    assert all(a <= b for a, b in pairwise(days))
    return [
        {**shared, "id": f"{deal}-{n}", "stage": stage, "occurred_at": moment(float(day))}
        for n, (stage, day) in enumerate(zip(stages, days, strict=True))
    ]
