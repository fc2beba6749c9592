"""Pages in other languages: every text is translated, and each reader gets their own."""

import re

import pytest
from babel.messages.catalog import Message
from fastapi.testclient import TestClient

from api.catalogues import present_texts, read_catalogue
from api.language import COOKIE, LANGUAGES
from api.numbers import written_in
from attribution.measures import Unit

OTHERS = [each for each in LANGUAGES if each != "en"]
_PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")


def forms(told: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [told] if isinstance(told, str) else list(told or [""])


@pytest.fixture(scope="module")
def wanted() -> list[Message]:
    return [each for each in present_texts() if each.id]


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(wanted: list[Message], language: str) -> None:
    """`python -m api.catalogues` adds what is missing."""
    catalogue = read_catalogue(language)
    missing = [
        each.id
        for each in wanted
        if not (found := catalogue.get(each.id, each.context)) or not all(forms(found.string))
    ]
    assert missing == []
    assert [each.id for each in catalogue if each.id and each.fuzzy] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_same_places_to_fill(wanted: list[Message], language: str) -> None:
    catalogue = read_catalogue(language)
    for each in wanted:
        found = catalogue.get(each.id, each.context)
        assert found
        for form in forms(found.string):
            assert set(_PLACEHOLDER.findall(form)) == set(_PLACEHOLDER.findall(forms(each.id)[-1])), each.id


@pytest.mark.parametrize(("language", "letters"), [("ru", "[іїєґ]"), ("uk", "[ыэъё]")])
def test_no_language_has_the_letters_of_another(language: str, letters: str) -> None:
    texts = [form for each in read_catalogue(language) if each.id for form in forms(each.string)]
    assert [text for text in texts if re.search(letters, text)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_there_is_a_form_for_every_number(language: str) -> None:
    catalogue = read_catalogue(language)
    plurals = [each for each in catalogue if isinstance(each.id, tuple | list) and each.id]
    assert plurals
    assert {len(forms(each.string)) for each in plurals} == {catalogue.num_plurals} == {3}


@pytest.mark.parametrize(("told", "language", "heading"), [
    ("ru-RU,ru;q=0.9,en;q=0.5", "ru", "Войти"), ("uk", "uk", "Увійти"), ("fr", "en", "Sign in"), ("", "en", "Sign in"),
    ("de, en;q=0.5", "en", "Sign in"),
])  # fmt: skip
def test_a_page_speaks_the_browsers_language(client: TestClient, told: str, language: str, heading: str) -> None:
    page = client.get("/sign-in", headers={"Accept-Language": told}).text
    assert f'<html lang="{language}">' in page
    assert f"<h1>{heading}</h1>" in page


def test_what_somebody_chose_counts_more(client: TestClient) -> None:
    client.cookies.set(COOKIE, "uk")
    assert '<html lang="uk">' in client.get("/sign-in", headers={"Accept-Language": "ru"}).text
    client.cookies.set(COOKIE, "klingon")
    assert '<html lang="ru">' in client.get("/sign-in", headers={"Accept-Language": "ru"}).text


def test_outside_of_a_request_it_is_english() -> None:
    assert written_in(Unit.SHARE, 12.345) == "1 234.5%"
    assert written_in(Unit.DAYS, 2.5) == "2.5 d"


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_has_a_percent_sign_of_its_own(wanted: list[Message], language: str) -> None:
    """Pages put values into texts: a sign that stands alone is no place to put one."""
    catalogue = read_catalogue(language)
    for each in wanted:
        found = catalogue.get(each.id, each.context)
        assert found
        if "%" not in forms(each.id)[-1]:
            assert not [form for form in forms(found.string) if "%" in form], each.id
