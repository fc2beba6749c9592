"""Programs that tests need, from Debian's packages. Processes that test side by side install one after the other."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest


@contextmanager
def installing() -> Iterator[None]:
    """While one process of this machine installs, no other does."""
    with (Path(tempfile.gettempdir()) / "closedloop-installing.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def program(name: str, package: str) -> str:
    """The path of a program, installed first if we may. One that stays missing fails in CI, else it skips."""
    if found := _installed(name, package):
        return found
    reason = f"{name} is missing: install Debian's package {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@cache
def chromium() -> str:
    """Its headless shell, whose pages cost a sixth of the whole browser's; that one where the shell cannot be had."""
    return _installed("chromium-headless-shell", "chromium-headless-shell") or program("chromium", "chromium")


def _installed(name: str, package: str) -> str | None:
    if found := shutil.which(name):
        return found
    with installing():
        if not shutil.which(name) and os.geteuid() == 0 and shutil.which("apt-get"):
            _install(package)
    return shutil.which(name)


def _install(package: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", package]
    for command in (["apt-get", "update"], install):
        subprocess.run(command, check=False, capture_output=True, env=environment, timeout=600)
