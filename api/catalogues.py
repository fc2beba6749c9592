"""The catalogues of other languages: `python -m api.catalogues` brings them up to the texts that the code has now.

Texts in `_(…)` of modules and templates are found by Babel; what measures, models and pages are called comes from them.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from api.auth import RIGHTS_IN_WORDS
from api.definitions_view import SHOWN_SETTINGS
from api.dimension_titles import DIMENSION_GROUPS, english_title
from api.language import LANGUAGES
from api.navigation import PAGES
from api.overview_questions import NamedPeriod
from api.page_periods import Span
from api.report_notes import TITLES, as_heading
from api.settings_sections import SECTIONS
from api.shading import WEEKDAYS
from api.told import CONTEXT
from api.told_texts import CAUSES, OUTCOMES, WAITING, error_texts, marked_texts, measure_titles, notice_texts
from attribution.dimensions import DIMENSIONS
from attribution.meanings import MEANINGS
from attribution.models import Model
from attribution.overview import Step
from attribution.question import Calendar
from attribution.sharing import DealerShare
from infra.settings import Settings
from planning.approval.default_process import DEFAULT_PROCESS
from planning.directions import DEFAULT_DIRECTIONS
from planning.exporting import HEADINGS
from planning.funds.accruing import REASONS
from planning.importing.figures import MARKED
from planning.importing.rows import Skipped
from planning.plan_fact import FIGURES

_API = Path(__file__).parent
_WAYS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
_PLACE = re.compile(r"%\(\w+\)s")
_WORDS = (
    "Leads", "Sales", "good", "bad", "All", "Page", "Source", "channels", "dealers", "campaigns", "page", "all",
    "A measure of your own.", "Report", "Models side by side", "Group by", "then by", "and by", "touches", "spend",
    "messages", "deals", "removed", "made private", "this month", "12 months", "the same day", "1 day", "2–3 days",
    "4–7 days", "Markov, within journeys", "Shapley of the conversion rate",
)  # fmt: skip
_STATES = (
    "lead", "qualified", "appointment", "visit", "test drive", "contract", "sale", "lost", "answered", "missed",
    "busy", "failed", "form", "call", "chat", "email", "messenger", "offline", "new", "junk", "duplicate",
    "missed call", "request",
)  # fmt: skip
"""Of leads, calls and deals, as a customer's card tells them."""
_GROUPINGS = ("first_campaign", "first_channel", "first_source", "number", "operator", "reason", "response", "stage")
COLUMNS = (
    "answer", "baseline_weeks", "control", "conversion", "currency", "days", "dealer_name", "design", "excluded",
    "experiment", "expires_on", "finding", "folded", "health", "id", "kind_of_medium", "last_event_at",
    "late_minutes", "limit", "months_since", "most", "name", "of", "on", "order", "outcome", "path", "peers",
    "period", "predict", "programme", "rule", "site", "since", "start", "status", "switched", "test", "title",
    "touch_campaign", "touch_medium", "touch_source", "touches", "unprocessed_hours", "weeks", "whose", "window",
    "window_days", "verdict", "dated", "ground",
)  # fmt: skip
"""Of reports, beside the dimensions; and of questions."""


def catalogue_path(language: str) -> Path:
    return _API / "locale" / language / "LC_MESSAGES" / "messages.po"


def present_texts() -> Catalog:
    """Every text that a page may show in another language."""
    catalogue = Catalog(charset="utf-8")
    found = extract_from_dir(_API, _WAYS, keywords=_KEYWORDS)
    for path, _line, text, _comments, context in sorted(found, key=lambda each: (each[0], each[1])):
        catalogue.add(text, locations=[(path, 0)], context=context)
    for text in marked_texts():
        catalogue.add(text)
    for text in _named():
        _add(catalogue, text)
    return catalogue


def _add(catalogue: Catalog, text: str) -> None:
    """One with values in it is found by `told` alone."""
    catalogue.add(text, context=CONTEXT if _PLACE.search(text) else None)


def read_catalogue(language: str) -> Catalog:
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as told:
        return read_po(told, locale=language)


def _named() -> Iterator[str]:
    """What is written elsewhere, and shown by pages, mails and workbooks."""
    yield from measure_titles()
    yield from MEANINGS.values()
    for place in (*PAGES, *SECTIONS):
        yield place.title
    yield from (page.group for page in PAGES if page.group)
    yield from (each.name for each in DEFAULT_DIRECTIONS)
    yield from (*FIGURES.values(), as_heading("upto"))
    for stage in DEFAULT_PROCESS.year:
        yield from (stage.title, stage.instruction, stage.data_sources, stage.hand_over)
    for section in SECTIONS:
        yield section.text
    for model in Model:
        yield from (model.label, model.in_sentence)
    yield from (share.label for share in DealerShare)
    for period in (*NamedPeriod, *Span):
        yield from (period.label.capitalize(), period.label)
    yield from (each.value for each in (*Step, *Calendar))
    yield from (day[2:] for day in WEEKDAYS)
    yield from (str(Settings.model_fields[name].description) for name in SHOWN_SETTINGS)
    yield from (name for title, names in DIMENSION_GROUPS for name in (title, *map(english_title, names)))
    yield from _of_reports()
    yield from MARKED.values()
    yield from (reason.value for reason in Skipped)
    yield from HEADINGS
    yield from (*_WORDS, *_STATES, *REASONS)
    for texts in (error_texts(), notice_texts(), CAUSES, OUTCOMES, WAITING, RIGHTS_IN_WORDS.values()):
        yield from texts


def _of_reports() -> Iterator[str]:
    """What they are called, and their columns and parameters, as headings and within sentences."""
    yield from TITLES.values()
    yield from (as_heading(subject.replace("-", " ")) for subject in TITLES if len(subject) > 4)
    for name in (*DIMENSIONS, *_GROUPINGS):
        heading = as_heading(name)
        yield from (heading, heading.lower())
    yield from map(as_heading, COLUMNS)


def main() -> None:
    """A text that is new has an empty translation then; one that went away is kept as a comment."""
    texts = present_texts()
    for language in LANGUAGES:
        if language != "en":
            catalogue = read_catalogue(language)
            catalogue.update(texts, no_fuzzy_matching=True)
            path = catalogue_path(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write_po(file, catalogue, width=120, sort_output=True, omit_header=False)


if __name__ == "__main__":
    main()
