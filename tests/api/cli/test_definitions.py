"""`closedloop measures`, `dimensions` and `reference rules`, alone and beside a server that holds the data."""

import json
from pathlib import Path

from tests.api.cli.closedloop import closedloop, closedloop_process, serving
from tests.api.test_page import EVENTS, await_fresh, send

PERIOD = ("--from", "2026-01-01", "--to", "2026-03-31")
SEGMENT = {"rules": [{"value": "north", "when": {"dealer": ["north"]}}], "otherwise": "elsewhere"}
RULES = [{"channel": "all_paid", "medium": "cpc"}, {"channel": "never", "source": "nobody"}]


def test_definitions_alone(tmp_path: Path) -> None:
    ran = closedloop_process(tmp_path, "measures", "add", "profit", "margin - cost", "--title", "Profit")
    assert ran.out == "profit = margin - cost, in money.\n", ran.problems
    assert "margin - cost" in closedloop(tmp_path, "measures", "list").out
    wrong = closedloop(tmp_path, "measures", "add", "mine", "lead / cost")
    assert (wrong.code, wrong.problems) == (1, "There is no figure 'lead'.\nIs leads meant?\n")
    assert closedloop(tmp_path, "measures", "remove", "profit").out == "profit is removed.\n"
    (tmp_path / "rules.json").write_text(json.dumps(RULES))
    kept = closedloop(tmp_path, "reference", "rules", "set", "rules.json")
    assert kept.out == "Version 1 with 2 rules is in force from the next run on.\n", kept.problems
    assert json.loads(closedloop(tmp_path, "reference", "rules", "show").out) == RULES
    restored = closedloop(tmp_path, "reference", "rules", "restore", "0")
    assert restored.out == "Version 2 with 30 rules is in force from the next run on.\n"
    listed = closedloop(tmp_path, "reference", "rules", "list").out
    assert [line.split()[1] for line in listed.splitlines() if line.startswith("│")] == ["2", "1", "0"]


def test_reports_and_previews_are_asked_of_the_server(tmp_path: Path) -> None:
    with serving(tmp_path) as (_, address):
        for family, events in EVENTS.items():
            send(address, family, events)
        await_fresh(address)
        key = {"CLOSEDLOOP_API_KEY": "r"}
        closedloop(tmp_path, "measures", "add", "profit", "margin - cost", "--title", "Profit")
        (tmp_path / "segment.json").write_text(json.dumps(SEGMENT))
        added = closedloop_process(tmp_path, "dimensions", "add", "segment", "segment.json")
        assert added.out == "segment v1 is found from dealer by 1 rule.\n", added.problems
        asked = ("--by", "segment,source", "--measures", "leads,profit", "--where", "-source:(none)", "--sort=-profit")
        ran = closedloop(tmp_path, "report", "romi", *asked, "--limit", "2", "--format", "json", *PERIOD, **key)
        told = json.loads(ran.out)
        assert [(row["segment"], row["source"], row["profit"]) for row in told["items"]] == [
            ("north", "vk", 195_000), ("north", "yandex", 75_000),
        ]  # fmt: skip
        (tmp_path / "rules.json").write_text(json.dumps(RULES))
        shown = closedloop(tmp_path, "reference", "rules", "preview", "rules.json", **key)
        assert "all_paid" in shown.out, shown.problems
        assert "Rule 2 (never) matches nothing." in shown.out
