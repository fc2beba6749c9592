"""Handing conversions back from the command line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.bootstrap import Services
from infra.settings import read_settings
from tests.api.cli.closedloop import closedloop, closedloop_process
from tests.attribution.outbound.fakes import FakeMeta
from tests.attribution.world import START, World, lead, stage
from tests.collectors.vendors.desk import serving_fake
from tests.migrated import lay_warehouse

SETTINGS = ("--set", "pixel_id=55", "--set", 'conversions={"sale": "Purchase"}', "--set", "consent=assumed")


def connect(folder: Path, address: str, *more: str) -> tuple[int, str]:
    words = ("connect", "meta", *SETTINGS, "--set", "access_token=meta-token", "--set", f"base_url={address}", *more)
    ran = closedloop(folder, "conversions", *words)
    return ran.code, ran.out + ran.problems


def attributed(folder: Path, **families: list[dict[str, Any]]) -> None:
    """Events of yesterday in a data folder, and a run that has seen them."""
    lay_warehouse(folder / "data")
    services = Services(read_settings(data=folder / "data", load_interval_ms=1, _env_file=None))
    world = World(services)
    world.tell(families)
    world.attribute()
    services.close()


def yesterday() -> float:
    return (datetime.now(UTC) - START) / timedelta(days=1) - 1


def test_a_sale_goes_to_the_ad_system_once(tmp_path: Path) -> None:
    day = yesterday()
    attributed(
        tmp_path,
        deals=[stage("d1", "sale", day, amount=100, contact={"phone": "89000000001"}), stage("d2", "sale", day)],
    )
    meta = FakeMeta()
    with serving_fake(meta.app()) as address:
        code, said = connect(tmp_path, address, "--set", "since=2026-01-01")
        assert code == 0
        assert "generate an access token" in said
        assert "meta is connected; conversions go out from 2026-01-01.\n" in said

        dry = closedloop(tmp_path, "conversions", "send", "--dry-run")
        assert dry.code == 0
        assert "planned" in dry.out
        assert meta.bodies == []

        sent = closedloop_process(tmp_path, "conversions", "send")
        assert sent.code == 0, sent.problems
        assert "accepted" in sent.out
        assert "no click id or contact" in sent.out
        assert list(meta.events) == [("Purchase", "d1")]
        assert "meta-token" not in said + dry.out + sent.out + sent.problems

    assert closedloop(tmp_path, "conversions", "remove", "meta").out == "meta is removed.\n"
    assert "Nothing was handed over yet." in closedloop(tmp_path, "conversions", "list").out


def test_one_that_refuses_our_keys_is_said_and_told_again_by_the_list(tmp_path: Path) -> None:
    attributed(tmp_path, leads=[lead("l", yesterday(), phone="89000000001")])
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
