"""`closedloop models` and `closedloop report models`, and the same beside a server and of it."""

import json
from pathlib import Path

import httpx2 as httpx
import pandas as pd
import pytest
from typer.testing import CliRunner

from api.cli.main import app
from tests.api.cli.closedloop import closedloop, closedloop_process, serving

PATTERNS = "path;total_conversions;total_conversion_value;total_null\na > b;2;10;3\nb;1;4;1\na > a > b;1;5;2\n"
TOUCHES = "visitor,time,channel,converted,value\nv,2026-01-01,a,0,0\nv,2026-01-09,b,1,7\nw,2026-01-02,b,0,0\n"


def test_a_table_of_patterns(tmp_path: Path) -> None:
    (tmp_path / "patterns.csv").write_text(PATTERNS)
    nowhere = {"CLOSEDLOOP_DATA": str(tmp_path / "data")}
    ran = closedloop(tmp_path, "models", "patterns.csv", "--order", "2", **nowhere)
    assert ran.code == 0, ran.problems
    for word in (
        "Conversions by model, patterns.csv",
        "Markov",
        "Shapley rate",
        "AUC",
        "4 conversions, 6 journeys without",
    ):
        assert word in ran.out
    assert "25.0% have a journey of one touch" in ran.out
    assert not (tmp_path / "data").exists()


def test_touches_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "touches.csv").write_text(TOUCHES)
    words = ("models", "touches.csv", "--lookback", "5", "--format", "csv")
    ran = closedloop(tmp_path, *words)
    assert ran.code == 0, ran.problems
    (tmp_path / "found.csv").write_text(ran.out)
    found = pd.read_csv(tmp_path / "found.csv").set_index("channel")
    assert found["linear"].to_dict() == {"a": 0, "b": 1}
    assert found["time_decay_value"].to_dict() == {"a": 0, "b": 7}
    assert found["removal_effect"].to_dict() == {"a": 0, "b": 1}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none.csv",), "none.csv cannot be read: No such file or directory."),
        (("patterns.csv", "--order", "5"), "There is no Markov chain of order 5 here."),
        (("patterns.csv", "--format", "pdf"), "There is no format 'pdf'."),
        (("patterns.csv", "--map", "path"), "'path' sets nothing."),
        (("patterns.csv", "--map", "path=way"), "There is no column 'way' for path."),
        (("patterns.csv", "--by", "city"), "Models are not compared by 'city'."),
        (("patterns.csv", "--lookback", "0"), "A look-back is of more than 0 days"),
    ],
)
def test_mistakes_are_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "patterns.csv").write_text(PATTERNS)
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(app, ["models", *words])
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert said in " ".join(ran.stderr.split())
    assert "Traceback" not in ran.stderr


def test_beside_a_server_and_of_it(tmp_path: Path) -> None:
    """The server's process holds an embedded engine: models are computed in another, with the same result."""
    (tmp_path / "patterns.csv").write_text(PATTERNS)
    with serving(tmp_path) as (_, address):
        beside = closedloop_process(tmp_path, "models", "patterns.csv", "--format", "json", "--order", "3")
        assert beside.code == 0, beside.problems
        key = {"Authorization": "Bearer r"}
        told = httpx.post(f"{address}/api/models?order=3", content=PATTERNS.encode(), headers=key, timeout=60)
        assert told.json() == json.loads(beside.out)
        assert told.json()["run"] is None
        rows = [{"path": ["a", "b"], "conversions": 1, "nulls": 1}]
        told = httpx.post(f"{address}/api/models", params={"format": "csv"}, json=rows, headers=key, timeout=60)
        assert told.text.startswith("channel,first,last,")
        assert told.headers["content-disposition"] == 'attachment; filename="models-channel.csv"'
        wrong = httpx.post(f"{address}/api/models", content=b"path,conversions\na,x\n", headers=key, timeout=60)
        assert wrong.status_code == 422
        assert wrong.json()["error"]["message"] == "line 2: conversions 'x' is no number."
        wrong = httpx.post(f"{address}/api/models?map=path", content=b"", headers=key, timeout=60)
        assert (wrong.status_code, wrong.json()["error"]["where"]) == (422, "map")
        assert httpx.post(f"{address}/api/models", content=PATTERNS.encode(), timeout=60).status_code == 401
        assert httpx.get(f"{address}/api/reports/models?kind=fax", headers=key, timeout=60).status_code == 422
        report = closedloop_process(tmp_path, "report", "models", "--from", "2026-01-01", CLOSEDLOOP_API_KEY="r")
        assert report.code == 0 or report.problems.startswith("Nothing has been attributed yet.\n")
