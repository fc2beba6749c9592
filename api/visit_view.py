"""A visit for the API, the command line and the page alike."""

from typing import Any

from collectors.visits.book import KnownVisit
from collectors.visits.card import Visit
from collectors.visits.number import written


def visit_document(known: KnownVisit) -> dict[str, Any]:
    """Moments are in UTC. Nothing in it names the visitor."""
    card = known.card
    return {
        "number": written(known.number),
        "visit": _visit(card.visit),
        "pages": [{"at": page.at, "address": page.address, "title": page.title} for page in card.pages],
        "former": [_visit(each) for each in card.former],
        "former_count": card.former_count,
    }


def _visit(visit: Visit) -> dict[str, Any]:
    return {
        "began_at": visit.began_at,
        "source": visit.source,
        "medium": visit.medium,
        "campaign": visit.campaign,
        "content": visit.content,
        "term": visit.term,
        "clicks": list(visit.clicks),
        "referrer": visit.referrer,
        "landing": visit.landing,
        "device": visit.device,
        "region": visit.region,
        "pages": visit.pages,
    }
