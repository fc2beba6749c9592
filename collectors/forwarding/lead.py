"""A lead as a CRM is handed it: who asked for what, and of the visit what a seller needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from collectors.visits.card import VisitCard
from collectors.visits.number import written

MARK, VISIT, NUMBER, CARD = "closedloop_lead", "closedloop_visit", "closedloop_number", "closedloop_card"
"""Names of the fields by which a CRM's card says which lead it is, of which visitor and visit, and links its card."""
_KIND_TITLES = {"form": "Request from the site", "call": "Call", "chat": "Chat", "email": "E-mail"}
_MARKS = ("source", "medium", "campaign", "content", "term")
_MOST_ANSWERS = 30
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class HandedLead:
    """`id` is the lead's id here, by which it is known again. `number` is the visit's, written; `card_url` is good
    without a login. `answers` is what the form asked besides. Empty texts are what nobody knows."""

    id: str
    kind: str
    created_at: datetime
    name: str = ""
    phone: str = ""
    email: str = ""
    dealer: str = ""
    product: str = ""
    form: str = ""
    page: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    visitor_id: str = ""
    session_id: str = ""
    number: str = ""
    card_url: str = ""
    source: str = ""
    medium: str = ""
    campaign: str = ""
    content: str = ""
    term: str = ""
    referrer: str = ""
    landing: str = ""
    device: str = ""
    region: str = ""
    pages: tuple[str, ...] = ()
    former_visits: int = 0

    @property
    def title(self) -> str:
        of_what = self.product or self.form
        kind = _KIND_TITLES.get(self.kind, self.kind.capitalize())
        return f"{kind}: {of_what}"[:250] if of_what else kind

    @property
    def utm(self) -> dict[str, str]:
        """Those that are known."""
        return {f"utm_{name}": value for name in _MARKS if (value := getattr(self, name))}

    @property
    def note(self) -> str:
        """All that a seller needs, in lines, for CRMs that have one field for it."""
        came_from = " / ".join(value for name in _MARKS if (value := getattr(self, name)))
        lines = [
            *(f"{name}: {value}" for name, value in self.answers.items()),
            f"Came from: {came_from}" if came_from else "",
            f"Referring page: {self.referrer}" if self.referrer else "",
            f"First page: {self.landing}" if self.landing else "",
            f"Pages: {', '.join(self.pages)}" if self.pages else "",
            f"Visits before: {self.former_visits}" if self.former_visits else "",
            f"Visit number: {self.number}" if self.number else "",
            f"Visit card: {self.card_url}" if self.card_url else "",
        ]
        return "\n".join(line for line in lines if line)


def handed_lead(
    lead: Mapping[str, Any], *, answers: bool, session: str, number: str, card_url: str, card: VisitCard | None
) -> HandedLead:
    """`lead` is canonical; its own marks go before those of its visit. `number` is digits alone."""
    properties = lead.get("properties") or {}
    visit = card.visit if card else None
    own = {name: lead.get(name, "") for name in _MARKS}
    seen = {name: getattr(visit, name) for name in _MARKS} if visit and not own["source"] else own
    return HandedLead(
        id=lead["id"],
        kind=lead["kind"],
        created_at=datetime.fromisoformat(lead["created_at"]),
        **{name: lead.get(name, "") for name in ("name", "phone", "email", "dealer", "product", "visitor_id")},
        form=str(properties.get("form") or ""),
        page=_without_query(str(properties.get("url") or "")),
        answers=_answers(properties) if answers else {},
        session_id=session,
        number=written(number) if number else "",
        card_url=card_url,
        **seen,
        referrer=visit.referrer if visit else "",
        landing=visit.landing if visit else "",
        device=visit.device if visit else "",
        region=visit.region if visit else "",
        pages=tuple(dict.fromkeys(each.title or each.address for each in card.pages)) if card else (),
        former_visits=card.former_count if card else 0,
    )


def _answers(properties: Mapping[str, Any]) -> dict[str, str]:
    told = properties.get("answers")
    pairs = told.items() if isinstance(told, dict) else ()
    known = {name: properties[name] for name in ("message", "comment", "consent") if properties.get(name)}
    found = {str(name): str(value)[:_LONGEST] for name, value in (*pairs, *known.items())}
    return dict(list(found.items())[:_MOST_ANSWERS])


def _without_query(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]
