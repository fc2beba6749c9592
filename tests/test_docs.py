"""The documentation says all that the product has, and nothing that it has not."""

import re
import subprocess
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest
import typer.main
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.routing import BaseRoute, Mount, Route

from api.app import create_app
from api.bootstrap import Services
from api.cli.main import app as command_line
from attribution.calls import CALL_DIMENSIONS, CALL_MEASURES
from attribution.channels import ChannelRule
from attribution.experiments.design import Experiment, read_experiment
from attribution.measures import MEASURES, Measure
from attribution.models import Model
from attribution.reference_document import (
    Contractor,
    Dealer,
    Fee,
    OfflineMedium,
    PromoCode,
    SelfReportedRule,
    Step,
    TargetCalls,
    TrackingAddress,
    TrackingNumber,
    read_document,
)
from attribution.reports import DIMENSIONS, Calendar
from attribution.sharing import DealerShare
from collectors.events import FAMILIES, Contact
from collectors.mapping import Mapping
from collectors.preset import Preset, preset, preset_names, preset_parts
from infra.settings import Settings
from tests.api.pictures import MOST_BYTES, PICTURES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
REGISTRIES = [
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("crates", "io"),
    ("maven", "org"), ("docker", "io"), ("rubygems", "org"), ("anaconda", "org"), ("golang", "org"),
]  # fmt: skip


def sections(page: Path, level: int) -> dict[str, str]:
    """The parts of a page under headings of a level, by heading."""
    parts = re.split(rf"^{'#' * level} (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {heading.strip(): body for heading, body in zip(parts[1::2], parts[2::2], strict=True)}


def rows(text: str) -> dict[str, list[str]]:
    """The rows of a part's table, by each name in code of their first cell."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            for name in re.findall(r"`(\w+)`", cells[0]):
                found[name] = cells[1:]
    return found


def entries(text: str) -> dict[str, str]:
    """List entries that begin with a name in code: what stands behind it."""
    return dict(re.findall(r"^- `([\w-]+)`(.*)$", text, flags=re.MULTILINE))


@pytest.mark.parametrize(
    ("heading", "part"),
    [
        ("Dealers", Dealer), ("Contractors", Contractor), ("Fees", Fee),
        ("Self-reported sources", SelfReportedRule),
        ("Steps", Step), ("Offline media", OfflineMedium),
        ("Tracking numbers", TrackingNumber), ("Tracking addresses", TrackingAddress), ("Promo codes", PromoCode),
        ("Target calls", TargetCalls), ("Channel rules", ChannelRule),
    ],
)  # fmt: skip
def test_every_field_of_the_reference_data_is_explained(heading: str, part: type) -> None:
    told = rows(sections(REFERENCE / "reference-data.md", 2)[heading])
    schema = TypeAdapter(part).json_schema(by_alias=True)
    assert set(told) == set(schema["properties"])
    assert {name for name, cells in told.items() if cells[0] == "required"} == set(schema.get("required", []))


@pytest.mark.parametrize("page", ["reference/reference-data.md", "how-to/describe-your-holding.md"])
def test_the_reference_documents_shown_can_be_set(page: str) -> None:
    shown = re.search(r"^    \{\n(?:    .*\n)+?    \}\n", (DOCS / page).read_text("utf-8"), flags=re.MULTILINE)
    assert shown is not None
    assert read_document(shown[0].encode(), "RU").dealers


def test_every_field_of_an_experiment_is_explained_and_the_one_shown_can_be_entered() -> None:
    page = DOCS / "how-to" / "run-an-experiment.md"
    told = rows(sections(page, 2)["Enter it"])
    schema = Experiment.model_json_schema()
    assert set(told) == set(schema["properties"])
    assert {name for name, cells in told.items() if cells[0] == "required"} == set(schema["required"])
    shown = re.search(r"^    \{\n(?:    .*\n)+?    \}\n", page.read_text("utf-8"), flags=re.MULTILINE)
    assert shown is not None
    assert read_experiment(shown[0].encode()).id == "vk-pause"


def test_every_setting_is_explained() -> None:
    found = entries((REFERENCE / "settings.md").read_text("utf-8"))
    assert set(found) == {f"CLOSEDLOOP_{name.upper()}" for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        assert found[f"CLOSEDLOOP_{name.upper()}"] == f"{_default(field)}: {field.description}"


def _default(field: Any) -> str:
    value = field.get_default(call_default_factory=True)
    if value == "" or hasattr(value, "get_secret_value"):
        return ""
    return f" (`{value if isinstance(value, str | Path) else orjson.dumps(value).decode()}`)"


def _commands() -> dict[str, Any]:
    def walk(command: Any, name: str) -> dict[str, Any]:
        inner = getattr(command, "commands", None)
        if inner is None:
            return {name: command}
        return {key: value for word, each in inner.items() for key, value in walk(each, f"{name} {word}").items()}

    return walk(typer.main.get_command(command_line), "closedloop")


def test_every_command_and_option_is_explained() -> None:
    found = sections(REFERENCE / "command-line.md", 2)
    commands = _commands()
    assert set(found) == set(commands)
    for name, command in commands.items():
        explained = {
            each
            for line in found[name].splitlines()
            if line.startswith("- `")
            for each in re.findall(r"`(--[\w-]+|[A-Z]{3,})[^`]*`", line.partition(": ")[0])
        }
        known = {
            parameter.opts[0]
            if parameter.param_type_name == "option"
            else str(parameter.metavar or parameter.name).upper()
            for parameter in command.params
        }
        assert explained == known - {"--help"}, name


def _routes(services: Services) -> set[tuple[str, str]]:
    found = set()
    for route in create_app(services).routes:
        found |= _addresses(route)
    return found


def _addresses(route: BaseRoute) -> set[tuple[str, str]]:
    if isinstance(route, Mount):
        return {("GET", f"{route.path}/{{path}}")}
    if isinstance(route, Route | APIRoute):
        return {(method, route.path) for method in route.methods or () if method != "HEAD"}
    inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", [])
    assert inner, route
    return {address for each in inner for address in _addresses(each)}


def test_every_route_is_explained(services: Services) -> None:
    headings = sections(REFERENCE / "http.md", 3)
    routes = {(method, path.replace(":path}", "}")) for method, path in _routes(services)}
    assert set(headings) == {f"`{method} {path}`" for method, path in routes}


def test_every_query_parameter_is_explained(services: Services) -> None:
    headings = sections(REFERENCE / "http.md", 3)
    operations = create_app(services).openapi()["paths"]
    for path, methods in operations.items():
        for method, operation in methods.items():
            asked = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
            text = headings[f"`{method.upper()} {path}`"].partition("\n## ")[0]
            told = {
                name
                for line in text.splitlines()
                if line.startswith("- `")
                for name in re.findall(r"`(\$?\w+)`", line.partition(":")[0])
            }
            assert told == asked, path


@pytest.mark.parametrize("family", FAMILIES)
def test_every_field_of_an_event_is_explained(family: str) -> None:
    pages = sections(REFERENCE / "events.md", 2)
    assert set(pages) == set(FAMILIES)
    explained = rows(pages[family])
    fields = {field.alias or name: field for name, field in FAMILIES[family].model_fields.items()}
    assert set(explained) == {*fields, "date"} if family == "spend" else set(fields)
    for name, field in fields.items():
        required = explained[name][0] == "yes"
        assert required == field.is_required() or name in ("from", "to"), name
        words = {word for word in get_args(field.annotation) if isinstance(word, str) and word}
        assert words <= set(re.findall(r"`(\w+)`", explained[name][1])), name


def test_the_fields_of_a_contact_are_explained() -> None:
    (line,) = re.findall(r"^\| `contact` \|.*$", (REFERENCE / "events.md").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", line)) == {"contact", *Contact.model_fields}


@pytest.mark.parametrize(("heading", "measures"), [("Measures", MEASURES), ("Calls", CALL_MEASURES)])
def test_every_measure_is_explained_with_its_formula(heading: str, measures: tuple[Measure, ...]) -> None:
    explained = rows(sections(REFERENCE / "measures.md", 2)[heading])
    assert list(explained) == [measure.slug for measure in measures]
    for measure in measures:
        title, formula = explained[measure.slug]
        assert title == measure.title
        if not measure.is_sum:
            assert formula == f"`{measure.formula}`"


def test_every_grouping_model_calendar_and_share_is_explained() -> None:
    parts = sections(REFERENCE / "measures.md", 2)
    assert tuple(rows(parts["Groupings"])) == DIMENSIONS
    assert list(rows(parts["Models"])) == list(Model)
    assert list(entries(parts["Calendars"])) == list(Calendar)
    assert list(entries(parts["Cost that names no dealer"])) == list(DealerShare)


def test_every_grouping_of_calls_is_explained() -> None:
    (line,) = re.findall(
        r"^Groupings, one or two: .*?under", (REFERENCE / "measures.md").read_text("utf-8"), re.M | re.S
    )
    assert re.findall(r"`(\w+)`", line) == list(CALL_DIMENSIONS)


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    groups = project["dependency-groups"].values()
    declared = {
        "To run": project["project"]["dependencies"],
        "For one job each": [each for extra in extras for each in extra],
        "To build, test and lint": [each for group in groups for each in group],
    }
    explained = sections(DOCS / "dependencies.md", 2)
    for heading, requirements in declared.items():
        names = sorted(re.split(r"[\[<>=~!]", requirement)[0] for requirement in requirements)
        assert sorted(entries(explained[heading])) == names


def test_every_settings_name_in_a_page_exists() -> None:
    known = {f"CLOSEDLOOP_{name.upper()}" for name in Settings.model_fields}
    for page in PAGES:
        assert set(re.findall(r"\bCLOSEDLOOP_[A-Z_]+\b", page.read_text("utf-8"))) <= known, page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        goal = (page.parent / place).resolve() if place else page
        assert goal.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", goal.read_text("utf-8"), re.MULTILINE)
            assert anchor in {_anchor(heading) for heading in headings}, target


def test_every_picture_is_shown_and_is_taken_anew() -> None:
    shown = {
        (page.parent / name).resolve().relative_to(DOCS).as_posix()
        for page in PAGES
        for name in re.findall(r"!\[[^\]]+\]\(([^)\s]+)\)", page.read_text("utf-8"))
    }
    kept = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.png")}
    assert shown == kept == {f"pictures/{picture.name}.png" for picture in PICTURES}
    assert all((DOCS / name).stat().st_size < MOST_BYTES for name in kept)


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_use_only_what_exists(page: Path) -> None:
    """Every command and every rule that a page shows can be run."""
    commands = _commands()
    text = page.read_text("utf-8").replace("\\\n", " ")
    for line in re.findall(r"^    (?:\$ )?(closedloop .+)$", text, re.MULTILINE):
        name = max((name for name in commands if f"{line} ".startswith(f"{name} ")), key=len, default="")
        assert name, line
        options = {option for parameter in commands[name].params for option in parameter.opts}
        assert set(re.findall(r"\s(--[a-z-]+)", line)) <= options, line
        family = re.search(r"--as (\w+)", line)
        rules = re.findall(r"--map (\S+)", line)
        if family and "emial" not in line:
            Mapping.parse(rules, family[1])


def test_no_package_registry_is_named() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    hosts = re.compile("|".join(re.escape(".".join(parts)) for parts in REGISTRIES), re.IGNORECASE)
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file():
            assert not hosts.search(path.read_bytes().decode("utf-8", "replace")), name


def test_presets_that_pages_name_exist() -> None:
    for page in PAGES:
        for name in re.findall(r"(?:--preset |\?preset=)(\w+)(?![\w.-])", page.read_text("utf-8")):
            assert name in {*preset_names(), "NAME"}, page


def test_every_preset_for_deals_is_explained() -> None:
    told = rows(sections(DOCS / "how-to" / "map-your-own-files.md", 2)["Presets"])
    deals = {name for name in preset_names() if preset(name).family == "deals"}
    assert set(told) == deals
    assert all(cells[-1] == preset(name).level for name, cells in told.items())


def test_every_part_of_a_preset_is_explained() -> None:
    text = (DOCS / "how-to" / "map-a-webhook.md").read_text("utf-8")
    parts = {name.strip("[]").partition(".")[0] for name in re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)}
    assert parts == set(preset_parts())


def test_the_webhook_that_is_mapped_becomes_the_lead_that_is_meant() -> None:
    blocks = [
        block.replace("\n    ", "\n").strip()
        for block in re.findall(
            r"(?:^    .*\n|^\n(?=    ))+", (DOCS / "how-to" / "map-a-webhook.md").read_text("utf-8"), re.M
        )
    ]
    payload = orjson.loads(next(block for block in blocks if block.startswith("{")))
    chosen = Preset.parse(next(block for block in blocks if block.startswith("# test-drives.toml")), "test-drives")
    assert chosen.read(payload) == {
        "id": 4711, "created_at": datetime.fromisoformat("2025-01-17T18:52:13"), "name": "Иван",
        "phone": "8 900 000-00-01", "source": "yandex", "medium": "cpc", "status": "qualified", "kind": "form",
        "properties": {"deposit": "5000.00"},
    }  # fmt: skip
