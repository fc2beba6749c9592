"""`closedloop connect` and `closedloop sources`, as somebody at a terminal uses them."""

import threading
from pathlib import Path
from typing import Any

import httpx2 as httpx
import orjson
import pytest

from tests.api.cli.closedloop import closedloop, closedloop_process, serving

PRESET = """
title = "Forms"
level = "A"
family = "leads"
guide = "Paste {address} into the form."
[fields]
id = "number"
created_at = "at"
[constants]
kind = "form"
"""


def test_what_can_be_connected_is_listed(tmp_path: Path) -> None:
    ran = closedloop(tmp_path, "vendors")
    assert ran.code == 0, ran.problems
    assert "mango" in ran.out
    assert "Mango Office" in ran.out


@pytest.mark.parametrize(("arguments", "said"), [
    (["nonsense"], "Nothing is known of 'nonsense'."),
    (["mango", "--wait", "0"], "Mango Office needs unique code of the exchange"),
    (["mango", "--set", "api_key"], "'api_key' sets nothing."),
    (["mango", "--set", "colour=red"], "Mango Office has no setting 'colour'."),
    (["mango", "--id", "Mango!", "--set", "api_key=k", "--set", "api_salt=s"], "'Mango!' cannot name a source."),
    (["webhook", "--set", "preset=nonsense", "--wait", "0"], "There is no preset 'nonsense'."),
    (["ringostat", "--set", "auth_key=k", "--set", "country=Mars"], "'Mars' is no country."),
    (["binotel", "--set", "key=k", "--set", "secret=s", "--set", "history_days=many"], "'many' is no number of days."),
    (["mango", "--set", "api_key=k", "--set", "api_salt=s", "--timezone", "Mars"], "'Mars' is no time zone."),
])  # fmt: skip
def test_what_cannot_be_connected_says_why(tmp_path: Path, arguments: list[str], said: str) -> None:
    ran = closedloop(tmp_path, "connect", *arguments)
    assert ran.code == 1
    assert said in ran.problems
    assert "Traceback" not in ran.problems


def test_a_webhook_is_connected_beside_a_running_service_and_proved(tmp_path: Path) -> None:
    (tmp_path / "forms.toml").write_text(PRESET)
    with serving(tmp_path) as (_, address):
        sent = threading.Event()

        def send_test() -> None:
            while not sent.is_set():
                found = httpx.get(f"{address}/api/sources", headers={"Authorization": "Bearer r"}, timeout=60).json()[
                    "items"
                ]
                if found:
                    shown = closedloop(tmp_path, "sources", "show", "forms").out
                    token = shown.partition("/hooks/webhook/")[2].split()[0]
                    httpx.post(
                        f"{address}/hooks/webhook/{token}", json={"number": 1, "at": "2026-01-31T09:00:00Z"}, timeout=60
                    )
                    return
                sent.wait(0.2)

        sender = threading.Thread(target=send_test)
        sender.start()
        preset = f"preset={tmp_path}/forms.toml"
        ran = closedloop_process(tmp_path, "connect", "webhook", "--id", "forms", "--set", preset, "--wait", "60")
        sent.set()
        sender.join()
        assert ran.code == 0, ran.problems
        assert "forms is connected." in ran.out
        assert "Paste http://" in ran.out
        assert "Its webhook arrives." in ran.out
        row: dict[str, Any] = {}
        while not row.get("accepted"):
            (row,) = orjson.loads(closedloop(tmp_path, "sources", "list", "--format", "json").out)
        assert (row["id"], row["health"], row["level"]) == ("forms", "ok", "A")
    assert closedloop(tmp_path, "sources", "remove", "forms").out == "forms is removed.\n"
    assert "No source is connected yet" in closedloop_process(tmp_path, "sources", "list").out
    assert closedloop(tmp_path, "sources", "show", "forms").code == 1


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    secrets = ["--set", "auth_token=very-secret", "--set", "shared_key=more-secret"]
    ran = closedloop(tmp_path, "connect", "twilio", *secrets, "--wait", "0")
    shown = closedloop(tmp_path, "sources", "show", "twilio")
    assert ran.code == shown.code == 0, ran.problems
    assert "(secret)" in shown.out
    for text in (ran.out, ran.problems, shown.out, shown.problems):
        assert "very-secret" not in text
        assert "more-secret" not in text
