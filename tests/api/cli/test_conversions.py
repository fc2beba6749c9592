"""Handing conversions back from the command line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.api.cli.closedloop import closedloop
from tests.attribution.outbound.fakes import FakeMeta
from tests.collectors.vendors.desk import serving_fake

SETTINGS = ("--set", "pixel_id=55", "--set", 'conversions={"sale": "Purchase"}', "--set", "consent=assumed")


def connect(folder: Path, address: str, *more: str) -> tuple[int, str]:
    words = ("connect", "meta", *SETTINGS, "--set", "access_token=meta-token", "--set", f"base_url={address}", *more)
    ran = closedloop(folder, "conversions", *words)
    return ran.code, ran.out + ran.problems


def test_a_sale_goes_from_a_file_to_the_ad_system_once(tmp_path: Path) -> None:
    sold_at = datetime.now(UTC) - timedelta(days=1)
    (tmp_path / "deals.csv").write_text(
        "id,deal_id,occurred_at,stage,amount,contact.phone\n"
        f"1,d1,{sold_at.isoformat()},sale,100,89000000001\n"
        f"2,d2,{sold_at.isoformat()},sale,200,\n"
    )
    meta = FakeMeta()
    with serving_fake(meta.app()) as address:
        for words in (("collect", "deals.csv", "--as", "deals"), ("load", "--drain"), ("attribute",)):
            assert closedloop(tmp_path, *words).code == 0
        since = f"since={sold_at - timedelta(days=1):%Y-%m-%d}"
        code, said = connect(tmp_path, address, "--set", since)
        assert code == 0
        assert f"meta is connected; conversions go out from {since.partition('=')[2]}.\n" in said

        dry = closedloop(tmp_path, "conversions", "send", "--dry-run")
        assert dry.code == 0
        assert "planned" in dry.out
        assert meta.bodies == []

        for _ in range(2):
            sent = closedloop(tmp_path, "conversions", "send")
            assert (sent.code, len(meta.bodies)) == (0, 1), sent.problems
        listed = closedloop(tmp_path, "conversions", "list", "--destination", "meta").out
        assert "accepted" in listed
        assert "no click id or contact" in listed
        assert list(meta.events) == [("Purchase", "d1")]
        assert "meta-token" not in dry.out + sent.out + sent.problems + listed

        assert closedloop(tmp_path, "conversions", "remove", "meta").out == "meta is removed.\n"
        assert "Nothing was handed over yet." in closedloop(tmp_path, "conversions", "list").out


def test_one_that_refuses_our_keys_is_said_and_told_again_by_the_list(tmp_path: Path) -> None:
    leads = f"id,created_at,kind,phone\n1,{datetime.now(UTC).isoformat()},form,89000000001\n"
    (tmp_path / "leads.csv").write_text(leads)
    for words in (("collect", "leads.csv", "--as", "leads"), ("load", "--drain"), ("attribute",)):
        assert closedloop(tmp_path, *words).code == 0
    with serving_fake(FakeMeta(token="another").app()) as address:
        connect(tmp_path, address, "--set", "since=2026-01-01", "--set", 'conversions={"lead": "Lead"}')
        sent = closedloop(tmp_path, "conversions", "send")
    assert sent.code == 1
    assert "meta: Meta refuses the access token (code 190)." in sent.problems
    listed = closedloop(tmp_path, "conversions", "list")
    assert "planned" in listed.out
    assert "Meta refuses the access token" in listed.problems
    assert "Next try: " in listed.problems


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("send",), "No destination is connected."),
        (("send", "--destination", "north"), "There is no destination 'north'."),
        (("list", "--destination", "north"), "There is no destination 'north'."),
        (("remove", "north"), "There is no destination 'north'."),
        (("connect", "vkontakte"), "There is no ad system 'vkontakte'."),
        (("connect", "meta", "--set", "pixel_id"), "'pixel_id' sets nothing."),
        (("connect", "meta", "--set", "pixel=1"), "Meta asks for no setting 'pixel'."),
        (("connect", "meta", "--set", "pixel_id=1"), "access_token is missing"),
        (
            ("connect", "meta", *SETTINGS, "--set", "access_token=x", "--set", 'conversions={"sales": "P"}'),
            "there is no kind of conversion 'sales'",
        ),
    ],
)
def test_mistakes_are_said_in_a_sentence(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    ran = closedloop(tmp_path, "conversions", *words)
    assert ran.code == 1
    assert said in ran.problems
    assert "Traceback" not in ran.problems
