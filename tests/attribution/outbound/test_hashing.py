"""Hashes: every golden vector, and what must never be hashed."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.outbound.hashing import GOOGLE, META, YANDEX, Spelling
from collectors.values import e164, normal_email

EMPTY = {hashlib.new(name, b"").hexdigest() for name in ("md5", "sha256")}
SPELLINGS = (GOOGLE, META, YANDEX)

phones = st.integers(9_000_000_000, 9_099_999_999).map(lambda number: f"+7{number}")
names = st.text("abcdefghij0123456789._-", min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("spelling", "phone", "wanted"),
    [
        (GOOGLE, "+79000000001", "728d0c512c27c4b205d6e15bfafe4149a68901fa9af7d3516ddbd5e7b96363dd"),
        (GOOGLE, "+380500000001", "705a0b5541539ad0e7aa41f8d10e53b0657c8acb190a60c89338d3c076f8955a"),
        (META, "+79000000001", "ee492c8edd7808b00b791428859219c0aaa7c9079cc0794d54911c679429f0e1"),
        (META, "+380500000001", "177833d26aa5d9636dc307218730ffdd67e2d4c43ea0710c1685d2f5f4f155e3"),
        (META, "+16505551212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        (YANDEX, "+79000000001", "54cd65d6ee17bccfa07646546fdca084"),
        (YANDEX, "+79876543210", "5c5259938ed3e632bc5e3f94731090af"),
        (YANDEX, "+79012345678", "7cea6da797b7105aee4188b6731a9006"),
        (YANDEX, "+79995551111", "f09f2c3d48f31e2a802944ade2e5aec5"),
    ],
)
def test_golden_phones(spelling: Spelling, phone: str, wanted: str) -> None:
    assert spelling.phone(phone) == wanted


@pytest.mark.parametrize(
    ("spelling", "email", "wanted"),
    [
        (GOOGLE, "ivan@example.com", "7540acb4f04b207c72715708ef0f417c9876b12a94a08173834874d3a3fc7446"),
        (META, "ivan@example.com", "7540acb4f04b207c72715708ef0f417c9876b12a94a08173834874d3a3fc7446"),
        (META, "john_smith@gmail.com", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
        (YANDEX, "ivan@example.com", "2feb444c58cd098daac78bc257680383"),
        (YANDEX, "example2@yandex.ru", "8d2b135ba9bd88fbfbd8ececb31196d1"),
        (YANDEX, "mail@yandex.ru", "3c56ff8fef0f6c65b36b2d25720fe276"),
    ],
)
def test_golden_emails(spelling: Spelling, email: str, wanted: str) -> None:
    assert spelling.email(email) == wanted


def test_a_golden_name() -> None:
    assert META.name("mary") == "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"


@pytest.mark.parametrize(
    ("raw", "country", "canonical"),
    [
        ("8 (900) 000-00-01", "RU", "+79000000001"), ("89000000001", "RU", "+79000000001"),
        ("9000000001", "RU", "+79000000001"), ("7.9000000001E+10", "RU", "+79000000001"),
        ("79000000001.0", "RU", "+79000000001"), ("+7 900 000 00 01 доб. 12", "RU", "+79000000001"),
        ("0500000001", "UA", "+380500000001"),
    ],
)  # fmt: skip
def test_every_spelling_of_the_table_comes_to_one_hash_a_system(raw: str, country: str, canonical: str) -> None:
    kept = e164(raw, country)
    assert kept == canonical
    digits = canonical.removeprefix("+")
    assert GOOGLE.phone(kept) == hashlib.sha256(canonical.encode()).hexdigest()
    assert META.phone(kept) == hashlib.sha256(digits.encode()).hexdigest()
    assert YANDEX.phone(kept) == hashlib.md5(digits.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    "nobody",
    ["", " ", "+", "sip:user@host", "anonymous", "Restricted", "000", "{callerphone}", "101", "+7101", "89160000001"],
)
def test_what_is_no_phone_in_e164_is_not_hashed(nobody: str) -> None:
    assert [spelling.phone(nobody) for spelling in SPELLINGS] == [None, None, None]


@pytest.mark.parametrize("nobody", ["", " ", "ivan", "@example.com", "ivan@", "a b@"])
def test_what_is_no_email_is_not_hashed(nobody: str) -> None:
    assert [spelling.email(nobody) for spelling in SPELLINGS] == [None, None, None]


@pytest.mark.parametrize("nobody", ["", " ", "…!?", "—"])
def test_a_name_of_no_letters_is_not_hashed(nobody: str) -> None:
    assert META.name(nobody) is None


def test_names_keep_their_script_and_nobody_shares_the_hash_of_nothing() -> None:
    assert META.name("Иван") == hashlib.sha256("иван".encode()).hexdigest()
    assert META.name(" Анна-Мария ") == hashlib.sha256("аннамария".encode()).hexdigest()
    assert META.name("Иван") != META.name("Пётр")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("cloudy.sanfrancisco+shopping@gmail.com", "cloudysanfrancisco@gmail.com"),
        ("a.b@googlemail.com", "ab@googlemail.com"),
        ("user.name+nyc@example.com", "user.name+nyc@example.com"),
        ("a.b@notgmail.com", "a.b@notgmail.com"),
    ],
)
def test_gmails_dots_and_tags_go_for_google_alone(written: str, read: str) -> None:
    assert GOOGLE.email(written) == hashlib.sha256(read.encode()).hexdigest()
    assert META.email(written) == hashlib.sha256(written.encode()).hexdigest()
    assert YANDEX.email(written) == hashlib.md5(written.encode(), usedforsecurity=False).hexdigest()


def test_an_address_of_a_tag_alone_names_nobody() -> None:
    assert GOOGLE.email("+shop@gmail.com") is None


@given(phones, st.sampled_from(["+7{}", "8{}", "7{}", "8 ({0:.3}) {0:.3}", "{}"]))
def test_all_spellings_of_a_phone_have_one_hash(phone: str, form: str) -> None:
    national = phone.removeprefix("+7")
    written = (
        f"8 ({national[:3]}) {national[3:6]}-{national[6:8]}-{national[8:]}" if ":" in form else form.format(national)
    )
    kept = e164(written, "RU")
    if kept is not None:  # some of the drawn numbers are not in use
        assert kept == phone
        hashes = {spelling.phone(kept) for spelling in SPELLINGS}
        assert len(hashes) == 3
        assert not hashes & EMPTY


@given(names, st.sampled_from(["gmail.com", "googlemail.com", "example.com", "yandex.ru"]))
def test_an_email_has_one_hash_however_it_is_written(name: str, domain: str) -> None:
    kept = normal_email(f"{name}@{domain}")
    if kept is None:
        return
    for spelling in SPELLINGS:
        told = spelling.email(kept)
        assert told == spelling.email(f"  {kept.upper()} ")
        assert told not in EMPTY
    if "gmail" not in domain and "googlemail" not in domain:
        assert GOOGLE.email(kept) == META.email(kept)


@given(st.text(max_size=30))
def test_nothing_gives_the_hash_of_nothing(text: str) -> None:
    for spelling in SPELLINGS:
        assert not {spelling.phone(text), spelling.email(text), spelling.name(text)} & EMPTY


@given(st.text(st.characters(categories=["L", "Nd", "Po", "Zs"]), max_size=20))
def test_a_name_that_is_normal_already_stays(text: str) -> None:
    kept = META.name(text)
    assert kept == META.name(f" {text.lower()}  ")
