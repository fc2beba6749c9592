"""What the wizard's pages show of a file on its way into a plan."""

from dataclasses import dataclass
from typing import Any

from babel.dates import get_month_names

from api.bootstrap import Services
from api.language import gettext as _
from api.language import language
from api.numbers import written_in
from api.plan_files import FilledWith
from api.plan_import_forms import AS_IT_IS, LEFT_OUT, AskedTable, asked_names, tables_of
from api.told import told
from api.viewer import Viewer
from infra.access.rights import Right
from infra.errors import ClosedLoopError
from planning.importing.known import known_names
from planning.importing.mapping import Choices
from planning.importing.names import Known
from planning.importing.onec import SLUG
from planning.importing.register import Import, ImportKind, Step
from planning.importing.sheet import column_letters
from planning.importing.words import Role
from planning.measures import PLANNED
from planning.plans import Plan


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    title: str


def steps(found: Import | None) -> list[dict[str, Any]]:
    """Of the wizard, with those to which one can go back."""
    titles = [_("File"), _("Columns"), _("Names"), _("Check"), _("Done")]
    if found is None:
        return [{"title": title, "address": "", "now": place == 0} for place, title in enumerate(titles)]
    base = f"/plans/{found.plan}/import/{found.id}"
    order = [Step.FAILED, Step.COLUMNS, Step.NAMES, Step.PREVIEW, Step.DONE]
    now = order.index(found.step) if found.step in order else 0
    is_open = found.step in (Step.COLUMNS, Step.NAMES, Step.PREVIEW)
    asks = [False, is_open, is_open and bool(list(asked_names(found))), found.step is Step.PREVIEW, False]
    pages = ["", f"{base}/columns", f"{base}/names", f"{base}/preview", base]
    return [
        {"title": title, "address": page if able else "", "now": place == now}
        for place, (title, page, able) in enumerate(zip(titles, pages, asks, strict=True))
    ]


def upload_view(
    services: Services, viewer: Viewer, plan: Plan, *, error: ClosedLoopError | None = None, done: str = ""
) -> dict[str, Any]:
    imports = services.plan_imports.list(plan.id, viewer=viewer.name, seen=viewer.seen)
    zone = services.settings.zone
    return {
        "plan": plan,
        "steps": steps(None),
        "error": error,
        "said": _("The file is discarded; nothing of it was written.") if done == "discarded" else "",
        "bases": _bases(services) if viewer.may(Right.RULES) else [],
        "imports": [(each, each.created_at.astimezone(zone), step_title(each.step)) for each in imports],
        "templates": [
            (FilledWith.NOTHING.value, _("empty")),
            (FilledWith.PLAN.value, _("with last year's plan")),
            (FilledWith.FACTS.value, _("with last year's facts")),
        ],
    }


def _bases(services: Services) -> list[str]:
    """Connected bases of 1C."""
    return [each.id for each in services.sources.all() if each.vendor == SLUG]


def step_title(step: Step) -> str:
    return {
        Step.READING: _("is being read"),
        Step.COLUMNS: _("waits for its columns"),
        Step.NAMES: _("waits for its names"),
        Step.PREVIEW: _("waits to be confirmed"),
        Step.DONE: _("was written"),
        Step.FAILED: _("cannot be read"),
    }[step]


def step_view(services: Services, found: Import, error: ClosedLoopError | None = None) -> dict[str, Any]:
    """What every step shows."""
    return {
        "plan": services.plans.get(found.plan),
        "found": found,
        "steps": steps(found),
        "base": f"/plans/{found.plan}/import/{found.id}",
        "is_facts": found.kind is ImportKind.FACTS,
        "error": error,
        "months": months(),
        "sums": _sums(found),
    }


def months() -> list[str]:
    """January first, in the reader's language."""
    names = get_month_names("abbreviated", "stand-alone", locale=language())
    return [names[number] for number in range(1, 13)]


def columns_view(
    services: Services,
    viewer: Viewer,
    found: Import,
    *,
    error: ClosedLoopError | None = None,
    choices: Choices | None = None,
) -> dict[str, Any]:
    with services.database.connect() as connection:
        known = known_names(connection, viewer.seen, reader=viewer.name, version=found.version)
    tables = [_table(each, choices or found.choices) for each in tables_of(found)]
    return step_view(services, found, error) | {
        "tables": tables,
        "sheets": [each for each in found.found.get("sheets", []) if each["shape"]],
        "roles": roles(),
        "measures": [Option(each.slug, told(each.title)) for each in PLANNED.values()],
        "dealers": _options(known, Role.DEALER),
        "directions": _options(known, Role.DIRECTION),
        "sheet_roles": [Option("", _("means nothing")), *(each for each in roles() if each.value in _OF_SHEETS)],
        "multiplies": [Option("1", _("as written")), Option("1000", _("thousands")), Option("1000000", _("millions"))],
    }


_OF_SHEETS = (Role.DEALER, Role.DIRECTION, Role.CHANNEL, Role.MEASURE)


def roles() -> list[Option]:
    """What a column can be."""
    titles = {
        Role.IGNORED: _("— left out —"),
        Role.FIGURES: _("figures"),
        Role.DEALER: _("dealer"),
        Role.DIRECTION: _("direction"),
        Role.CHANNEL: _("channel"),
        Role.CONTRACTOR: _("contractor"),
        Role.MEASURE: _("measure"),
        Role.MONTH: _("month"),
        Role.BRAND: _("brand"),
        Role.CURRENCY: _("currency"),
        Role.TOTAL: _("totals, checked"),
    }
    return [Option(role.value, title) for role, title in titles.items()]


def _table(asked: AskedTable, choices: Choices) -> dict[str, Any]:
    sheet = asked.first
    said = choices.mappings.get(asked.key)
    mapping = said.model_dump(mode="json") if said else sheet["mapping"]
    columns = [
        {"letter": column_letters(place), "heading": heading, "use": use, "is_doubtful": place in sheet["doubts"]}
        for place, (heading, use) in enumerate(zip(sheet["headings"], mapping["columns"], strict=True))
    ]
    names = [each["name"] for each in asked.sheets if each["name"]]
    return {"names": names, "columns": columns, "mapping": mapping, "sample": sheet["sample"]}


def names_view(services: Services, found: Import, *, error: ClosedLoopError | None = None) -> dict[str, Any]:
    with services.database.connect() as connection:
        known = known_names(connection, found.seen, reader=found.created_by, version=found.version)
    kinds: dict[Role, list[dict[str, Any]]] = {}
    for role, spelling, field in asked_names(found):
        kinds.setdefault(role, []).append(_name(found, known, role, spelling, field))
    titles = {each.value: each.title for each in roles()}
    return step_view(services, found, error) | {
        "kinds": [(titles[role.value], names, _options(known, role)) for role, names in kinds.items()],
        "left_out": LEFT_OUT,
        "as_it_is": AS_IT_IS,
    }


def _name(found: Import, known: Known, role: Role, spelling: str, field: str) -> dict[str, Any]:
    waiting = next((e for e in found.found["unknown"].get(role.value, []) if e["spelling"] == spelling), None)
    explained = found.found["explained"].get(role.value, {}).get(spelling)
    suggestions = waiting["suggestions"] if waiting else known[role].suggestions(spelling)
    is_left_out = spelling in found.choices.names.get(role, {}) and not waiting and not explained
    return {
        "spelling": spelling,
        "field": field,
        "rows": waiting["rows"] if waiting else None,
        "suggestions": [Option(key, known[role].title(key)) for key in suggestions],
        "chosen": LEFT_OUT if is_left_out else explained or (suggestions[0] if suggestions else ""),
        "takes_new": known[role].takes_new,
    }


def _options(known: Known, role: Role) -> list[Option]:
    return sorted((Option(key, told(known[role].title(key))) for key in known[role].by_id), key=lambda each: each.title)


def preview_view(services: Services, found: Import, error: ClosedLoopError | None = None) -> dict[str, Any]:
    with services.database.connect() as connection:
        known = known_names(connection, found.seen, reader=found.created_by, version=found.version)
    compared = found.found["compared"]
    return step_view(services, found, error) | {
        "compared": compared,
        "changes": [_change(each, known) for each in compared["largest"]],
        "may_confirm": not found.found["count"]["errors"] and bool(found.found["cells"]),
    }


def _change(change: dict[str, Any], known: Known) -> dict[str, Any]:
    measure = PLANNED[change["measure"]]
    broken_down = [
        told(known[role].title(change[role.value]))
        for role in (Role.DIRECTION, Role.CHANNEL, Role.CONTRACTOR)
        if change[role.value]
    ]
    return {
        "dealer": known[Role.DEALER].title(change["dealer"]),
        "of": " · ".join(broken_down),
        "measure": told(measure.title),
        "month": months()[change["month"] - 1],
        "before": written_in(measure.unit, change["before"]),
        "after": written_in(measure.unit, change["after"]),
    }


def _sums(found: Import) -> list[dict[str, Any]]:
    """Of each measure its months and its year."""
    return [
        {
            "title": told(PLANNED[slug].title),
            "months": [written_in(PLANNED[slug].unit, each) for each in values],
            "year": written_in(PLANNED[slug].unit, sum(values)),
        }
        for slug, values in found.found.get("sums", {}).items()
    ]
