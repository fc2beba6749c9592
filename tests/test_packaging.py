"""The wheel holds the seven packages with all that they need, and works away from the source tree."""

import importlib.util
import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {"infra", "collectors", "attribution", "segments", "campaigns", "planning", "api"}
COMMAND = [sys.executable, "-c", "from api.cli import main; main()"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    backend_is_here = importlib.util.find_spec("hatchling") is not None
    isolation = ["--no-isolation"] if backend_is_here else []
    subprocess.run([sys.executable, "-m", "build", "--wheel", *isolation, "--outdir", str(out), str(ROOT)], check=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(wheel)], check=True)
    return target


@pytest.fixture
def run(installed: Path, tmp_path: Path) -> "Run":
    return Run(installed, tmp_path)


class Run:
    """Commands of the installed wheel, in a folder far from the source tree."""

    def __init__(self, installed: Path, folder: Path) -> None:
        self._installed = installed
        self.folder = folder

    def __call__(self, *words: str) -> str:
        ran = self._start([*COMMAND, *words])
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def where(self, package: str) -> Path:
        return Path(self._start([sys.executable, "-c", f"import {package}; print({package}.__file__)"]).stdout.strip())

    def _start(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self._installed),
            "CLOSEDLOOP_DATA": str(self.folder / "data"),
        }
        return subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=self.folder, env=environment, timeout=120
        )


def _names(wheel: Path) -> list[str]:
    return zipfile.ZipFile(wheel).namelist()


def test_its_top_level_names_are_the_seven_packages(wheel: Path) -> None:
    top = {name.partition("/")[0] for name in _names(wheel)}
    assert {name for name in top if not name.endswith(".dist-info")} == PACKAGES
    assert len(top) == len(PACKAGES) + 1


def test_every_file_of_the_packages_is_inside(wheel: Path) -> None:
    sources = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    inside = {name for name in _names(wheel) if ".dist-info/" not in name}
    assert inside == sources
    kinds = {Path(name).suffix for name in inside}
    assert {".py", ".sql", ".html", ".css", ".js", ".mako", ".typed"} <= kinds
    assert {"infra/database/migrations/env.py", "infra/database/migrations/script.py.mako"} <= inside
    for package in ("infra", "collectors", "attribution"):
        assert any(name.startswith(f"{package}/versions/{package}_0001") for name in inside)


def test_it_is_not_for_upload(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    found = Parser().parsestr(archive.read(metadata).decode())
    assert "Private :: Do Not Upload" in found.get_all("Classifier", [])
    assert found["Name"] == "closedloop"
    (entry_points,) = (name for name in archive.namelist() if name.endswith("/entry_points.txt"))
    assert "closedloop = api.cli:main" in archive.read(entry_points).decode()


def test_it_works_away_from_the_source_tree(run: Run, installed: Path) -> None:
    for package in PACKAGES:
        assert run.where(package) == installed / package / "__init__.py"
    assert "attribute" in run("--help")
    (run.folder / "leads.csv").write_text(
        "id,created_at,kind,source\n1,2026-01-31 12:00,form,yandex\n2,2026-01-31 13:00,form,yandex\n"
    )
    (run.folder / "costs.csv").write_text("date,cost,source\n2026-01-31,300,yandex\n")
    assert "2 leads accepted" in run("collect", "leads.csv", "--as", "leads")
    assert "1 spend accepted" in run("collect", "costs.csv", "--as", "spend")
    assert "3 events loaded." in run("load", "--drain")
    run("attribute")
    report = ["report", "romi", "--by", "source", "--from", "2026-01-01", "--to", "2026-01-31", "--format", "csv"]
    (run.folder / "report.csv").write_text(run(*report))
    rows = pd.read_csv(run.folder / "report.csv").set_index("source")
    assert rows.loc[["yandex"], ["leads", "cost"]].to_numpy().tolist() == [[2, 300]]
