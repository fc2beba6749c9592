"""The catalogues of other languages: `python -m api.catalogues` brings them up to the texts that the code has now.

Texts in `_(…)` of modules and templates are found by Babel; what measures, models and pages are called comes from them.
"""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from api.language import LANGUAGES
from api.navigation import PAGES
from api.overview_questions import NamedPeriod
from api.page_periods import Span
from api.settings_sections import SECTIONS
from attribution.meanings import MEANINGS
from attribution.measures import MEASURES
from attribution.models import Model
from attribution.overview import Step
from attribution.sharing import DealerShare

_API = Path(__file__).parent
_WAYS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
_WORDS = ("Leads", "Sales", "good", "bad", "Day", "Week", "Month")


def catalogue_path(language: str) -> Path:
    return _API / "locale" / language / "LC_MESSAGES" / "messages.po"


def present_texts() -> Catalog:
    """Every text that a page may show in another language."""
    catalogue = Catalog(charset="utf-8")
    found = extract_from_dir(_API, _WAYS, keywords=_KEYWORDS)
    for path, _line, text, _comments, context in sorted(found, key=lambda each: (each[0], each[1])):
        catalogue.add(text, locations=[(path, 0)], context=context)
    for text in _named():
        catalogue.add(text)
    return catalogue


def read_catalogue(language: str) -> Catalog:
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as told:
        return read_po(told, locale=language)


def _named() -> Iterator[str]:
    for measure in MEASURES:
        yield measure.title
    yield from MEANINGS.values()
    for place in (*PAGES, *SECTIONS):
        yield place.title
    for section in SECTIONS:
        yield section.text
    for labelled in (*Model, *DealerShare):
        yield labelled.label
    for period in (*NamedPeriod, *Span):
        yield period.label.capitalize()
    for step in Step:
        yield step.value
    yield from _WORDS


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
