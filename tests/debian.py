"""Programs that tests need, from Debian's packages."""

import os
import shutil
import subprocess
from functools import cache

import pytest


@cache
def program(name: str, package: str) -> str:
    """The path of a program, installed first if we may. One that stays missing fails in CI, else it skips."""
    if found := shutil.which(name):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "--yes", "--no-install-recommends", package]
        for command in (["apt-get", "update"], install):
            subprocess.run(command, check=False, capture_output=True, env=environment, timeout=600)
    if found := shutil.which(name):
        return found
    reason = f"{name} is missing: install Debian's package {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
