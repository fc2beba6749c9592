"""How far events have come: accepted, loaded, attributed."""

from typing import Any

from api.bootstrap import Services
from attribution.runs import is_fresh, loaded_events, newest_run
from collectors.events import FAMILIES
from infra.errors import NotReady


def status(services: Services) -> dict[str, Any]:
    """Per family the events accepted, loaded, and seen by the newest run; `fresh` where reports hold all of them."""
    loaded, marks = loaded_events(services.warehouse)
    try:
        run = newest_run(services.warehouse)
    except NotReady:
        run = None
    open_rejections = services.rejections.count_open()
    families = {}
    for family in FAMILIES:
        waiting = services.backlog(family)
        families[family] = {
            "accepted": None if waiting.events is None else loaded[family] + waiting.events,
            "loaded": loaded[family],
            "waiting": waiting.events,
            "waiting_records": waiting.records,
            "attributed": bool(run and run.seen.get(family) == marks[family]),
            "rejected": open_rejections.get(family, 0),
        }
    return {
        "families": families,
        "fresh": is_fresh(services.warehouse) and not any(f["waiting_records"] for f in families.values()),
        "run": {"number": run.number, "finished_at": run.finished_at.isoformat()} if run else None,
    }
