"""`closedloop reference`: what is shown can be set, and a wrong document changes nothing."""

import json
from pathlib import Path

from tests.api.cli.closedloop import closedloop, closedloop_process

TOLD = {"dealers": [{"id": "d1", "brand": "Lada"}], "tracking_numbers": [{"number": "8 495 123-45-67", "dealer": "d1"}]}


def test_what_is_shown_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "reference.json").write_text(json.dumps(TOLD))
    ran = closedloop_process(tmp_path, "reference", "set", "reference.json")
    assert ran.out == "In force from the next attribution run on: dealers 1, contractors 0, tracking numbers 1.\n"
    shown = closedloop(tmp_path, "reference", "show").out
    assert json.loads(shown)["dealers"] == TOLD["dealers"]
    assert json.loads(shown)["tracking_numbers"] == [{"number": "+74951234567", "dealer": "d1"}]
    (tmp_path / "shown.json").write_text(shown)
    assert closedloop(tmp_path, "reference", "set", "shown.json").code == 0
    assert closedloop(tmp_path, "reference", "show").out == shown


def test_a_wrong_document_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "reference.json").write_text('{"dealers": [{"id": "d1"}, {"id": "d1"}]}')
    ran = closedloop_process(tmp_path, "reference", "set", "reference.json")
    assert ran.code == 1
    assert ran.problems.startswith(
        "The reference data cannot be taken, so nothing was changed: dealer 'd1' is listed 2 times.\n"
    )
    assert "dealers" not in json.loads(closedloop(tmp_path, "reference", "show").out)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    ran = closedloop(tmp_path, "reference", "set", "nowhere.json")
    assert (ran.code, ran.problems) == (1, "nowhere.json cannot be read: No such file or directory.\n")
