"""Embedded stores as the migrations leave them: made once by a test process, and copied for each test."""

import atexit
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from api.bootstrap import Services
from infra.settings import read_settings

_ROOT = Path(__file__).parent.parent
_WAREHOUSE, _DATABASE = "warehouse", "closedloop.db"


def lay_warehouse(data: Path) -> None:
    """And an operational database, each where a data folder has none: migrations are done, and there is no event."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (data / _WAREHOUSE).exists():
        lay_tables(data / _WAREHOUSE)
    if not (data / _DATABASE).exists():
        lay_database(data / _DATABASE)


def lay_tables(folder: Path) -> None:
    """A warehouse alone, in a folder that is not there yet."""
    copy_folder(_migrated() / _WAREHOUSE, folder)


def lay_database(file: Path) -> None:
    """An operational database without rows."""
    shutil.copyfile(_migrated() / _DATABASE, file)


def copy_folder(source: Path, target: Path) -> None:
    """By `cp`: a warehouse is hundreds of small files, for which Python needs eight times as long."""
    target.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-RP", f"{source}/.", target], check=True)


@cache
def _migrated() -> Path:
    """Made in a process of its own: this one may hold another embedded warehouse open."""
    folder = Path(mkdtemp(prefix="closedloop-migrated-"))
    atexit.register(shutil.rmtree, folder)
    subprocess.run([sys.executable, "-m", "tests.migrated", str(folder)], cwd=_ROOT, check=True)
    return folder


def _migrate(folder: Path) -> None:
    services = Services(read_settings(data=folder, _env_file=None))
    services.warehouse  # noqa: B018  # opening it migrates it
    services.database  # noqa: B018  # and this, too
    services.close()


if __name__ == "__main__":
    _migrate(Path(sys.argv[1]))
