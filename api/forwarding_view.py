"""How forwarded leads fare, for the command line and the API alike."""

from typing import Any

from api.bootstrap import Services
from collectors.forwarding.ledger import Forward
from collectors.visits.number import written


def target_rows(services: Services) -> list[dict[str, Any]]:
    """A row a CRM, in order of ids. Moments are in UTC."""
    standing = services.forward_ledger.states()
    return [
        {
            "id": each.id,
            "system": each.system,
            "error": each.error,
            "error_at": each.error_at,
            "next_at": each.next_at,
            "leads": [
                {"state": row["state"], "count": row["count"], "oldest": row["oldest"]}
                for row in standing
                if row["target"] == each.id
            ],
        }
        for each in services.forward_targets.states()
    ]


def forward_row(each: Forward) -> dict[str, Any]:
    """What is known of one lead and CRM; no personal data."""
    return {
        "target": each.target,
        "lead": each.lead,
        "kind": each.kind,
        "dealer": each.dealer,
        "state": each.state,
        "reason": each.reason,
        "visit": written(each.visit_number) if each.visit_number else "",
        "crm_lead": each.remote,
        "created_at": each.created_at,
        "arrived_at": each.arrived_at,
        "sent_at": each.sent_at,
        "tries": each.tries,
        "next_at": each.next_at,
    }
