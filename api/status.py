"""How far events have come: accepted, loaded, attributed."""

from typing import Any

from api.bootstrap import Services
from attribution.runs import Run, is_fresh, loaded_events, loaded_marks, newest_run
from collectors.events import FAMILIES
from infra.errors import NotReady


def status(services: Services) -> dict[str, Any]:
    """Per family the events accepted, loaded, and seen by the newest run, and what `freshness` says."""
    fresh = freshness(services)
    loaded, marks = loaded_events(services.warehouse), loaded_marks(services.warehouse)
    run = _newest_run(services)
    open_rejections = services.rejections.count_open()
    families = {}
    for family in FAMILIES:
        waiting = services.backlog(family)
        families[family] = {
            "accepted": None if waiting.events is None else loaded[family] + waiting.events,
            "loaded": loaded[family],
            "waiting": waiting.events,
            "waiting_records": waiting.records,
            "attributed": bool(run and run.seen.get(family) == marks.get(family)),
            "rejected": open_rejections.get(family, 0),
        }
    return {"families": families, **fresh}


def freshness(services: Services) -> dict[str, Any]:
    """`fresh` where reports hold all that was accepted, and the `run` that they read. Quick however much is stored."""
    is_loaded = not any(services.backlog(family).records for family in FAMILIES)
    fresh = is_loaded and is_fresh(services.warehouse, services.database, services.settings)
    run = _newest_run(services)
    return {
        "fresh": fresh,
        "run": {"number": run.number, "finished_at": run.finished_at.isoformat()} if run else None,
    }


def _newest_run(services: Services) -> Run | None:
    try:
        return newest_run(services.warehouse)
    except NotReady:
        return None
