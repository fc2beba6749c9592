"""Running commands as a user does, on a data folder of their own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "from api.cli import main; main()"]


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    problems: str


def closedloop(folder: Path, *words: str, **environment: str) -> Ran:
    """Run one command in `folder`, whose data lie in `folder/data` unless the environment says otherwise."""
    with start(folder, *words, **environment) as process:
        out, problems = process.communicate(timeout=120)
    return Ran(process.returncode, out, problems)


def start(folder: Path, *words: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*COMMAND, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "200",
            "CLOSEDLOOP_DATA": str(folder / "data"),
            **environment,
        },
    )
