"""What the pages of the process show: its map, the same as a table, and the form that changes it."""

from collections.abc import Sequence
from typing import Any

from api.approval_words import deadline_words, path_words, per_words, who_acts
from api.bootstrap import Services
from api.language import gettext as _
from api.markdown import as_html
from api.process_form import StageForm, stage_forms
from api.process_map import process_map
from api.process_warnings import process_warnings
from api.settings_view import role_names
from api.told import told
from api.viewer import Viewer
from infra.access.rights import Right, UserRole
from planning.approval.people import Person, planners
from planning.approval.process import Per, PlanPath, Process, Stage, opened_by
from planning.approval.process_register import KeptProcess
from planning.approval.staffing import asked_in
from planning.dimensions import known_network
from planning.measures import PLANNED

_SHOWN = 8


def process_view(services: Services, viewer: Viewer, path: PlanPath) -> dict[str, Any]:
    kept = services.processes.newest()
    stages, roles = kept.process.of(path), role_names()
    with services.database.connect() as connection:
        people = planners(connection, known_network(connection))
    words = {stage.id: (who_acts(stage, roles), deadline_words(stage), _limit(stage)) for stage in stages}
    opened = {what: name for what, name in opened_names().items() if any(what in stage.opens for stage in stages)}
    return _of_path(kept, path) | {
        "map": process_map(stages, {stage.id: told(stage.title) for stage in stages}, words, opened),
        "rows": [_row(stage, stages, people, roles) for stage in stages],
        "warnings": process_warnings(services, kept.process),
        "may_change": viewer.may(Right.RULES),
        "shows_people": viewer.seen.is_everything,
        "reminders": kept.process.reminders,
        "at": kept.at.astimezone(services.settings.zone) if kept.at else None,
    }


def edit_view(
    services: Services,
    path: PlanPath,
    kept: KeptProcess,
    *,
    stages: list[StageForm] | None = None,
    reminders: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The form as it is in force, or as it was written."""
    known = kept.process.reminders
    return _of_path(kept, path) | {
        "stages": stage_forms([_in_words(stage) for stage in kept.process.of(path)]) if stages is None else stages,
        "reminders": reminders
        or {
            "before": ", ".join(map(str, known.before)),
            "after": ", ".join(map(str, known.after)),
            "escalate_after": str(known.escalate_after),
            "hour": str(known.hour),
        },
        "roles": [(role.value, name) for role, name in role_names().items() if Right.PLANS in role.rights],
        "pers": [(per.value, per_words()[per]) for per in Per],
        "measures": [(measure.slug, measure.title) for measure in PLANNED.values()],
        "opened": opened_names(),
    }


def _in_words(stage: Stage) -> Stage:
    """Texts of the process that ships are kept as their reader saw them."""
    texts = ("title", "instruction", "data_sources", "hand_over")
    return stage.model_copy(update={name: told(getattr(stage, name)) for name in texts})


def opened_names() -> dict[str, str]:
    return {"media_plan": _("Media plan is laid out")}


def _of_path(kept: KeptProcess, path: PlanPath) -> dict[str, Any]:
    return {"kept": kept, "path": path, "paths": path_words(), "title": path_words()[path]}


def _limit(stage: Stage) -> str:
    if stage.only_above is None:
        return ""
    measure = PLANNED[stage.only_above.measure]
    return _("only above %(amount)s of %(measure)s") % {
        "amount": f"{stage.only_above.amount:,}".replace(",", " "),
        "measure": told(measure.title),
    }


def _row(
    stage: Stage, stages: tuple[Stage, ...], people: Sequence[Person], roles: dict[UserRole, str]
) -> dict[str, Any]:
    names, titles = asked_in(stage, people), {each.id: told(each.title) for each in stages}
    more = len(names) - _SHOWN
    opened = [titles[each] for each in opened_by(stages)[stage.id]]
    opened += [opened_names()[each] for each in stage.opens]
    return {
        "stage": stage,
        "who": who_acts(stage, roles),
        "names": ", ".join(names[:_SHOWN]) + (_(" and %(count)s more") % {"count": more} if more > 0 else ""),
        "deadline": deadline_words(stage),
        "limit": _limit(stage),
        "after": ", ".join(titles[each] for each in stage.after),
        "opens": ", ".join(opened),
        "escalate_to": roles[stage.escalate_to] if stage.escalate_to else roles[UserRole.MARKETING_DIRECTOR],
        "instruction": as_html(told(stage.instruction)) if stage.instruction else "",
    }


def with_path(process: Process, path: PlanPath, stages: Any, reminders: Any) -> dict[str, Any]:
    """The process with other stages of one kind of plan, as a document."""
    return {**process.as_dict(), path.value: stages, "reminders": reminders}
