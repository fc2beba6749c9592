import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.settings import Settings

_ROOT = Path(__file__).parents[2]
_TEXT = (_ROOT / "docker-compose.yml").read_text("utf-8")
_IMAGE = (_ROOT / "infra" / "Dockerfile").read_text("utf-8")
_ROLES = {"collector", "loader", "worker", "scheduler", "web"}
_ENGINES = {"kafka", "clickhouse", "postgres"}
_SECRETS = re.compile(r"PASSWORD|KEY|SECRET|TOKEN")


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_TEXT)["services"]
    return found


def test_every_role_and_engine_is_a_service(services: dict[str, Any]) -> None:
    assert set(services) == _ROLES | _ENGINES
    for role in _ROLES:
        assert services[role]["command"] == ["serve", "--role", role]


def test_every_setting_named_exists() -> None:
    named = set(re.findall(r"\bCLOSEDLOOP_([A-Z_]+)", _TEXT + _IMAGE))
    assert {"LOG", "WAREHOUSE", "DATABASE", "WRITE_KEY", "API_KEY"} <= named
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_no_secret_has_a_value(services: dict[str, Any]) -> None:
    for service in services.values():
        for name, value in service["environment"].items():
            if _SECRETS.search(name):
                assert re.fullmatch(r"\$\{\w+:\?set \w+ to .+\}", value), name
            else:
                assert not re.search(r"//[^/@:]*:(?!\$\{\w+:\?)[^/@]+@", str(value)), name
    assert not re.search(r"(?i)^(ENV|ARG).*(password|_key|secret|token)", _IMAGE, re.MULTILINE)


def test_every_service_says_whether_it_is_well(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["healthcheck"]["test"][0] == "CMD", name
    for role in _ROLES:
        conditions = {engine: each["condition"] for engine, each in services[role]["depends_on"].items()}
        assert conditions == dict.fromkeys(_ENGINES, "service_healthy")


def test_what_engines_store_is_in_named_volumes(services: dict[str, Any]) -> None:
    volumes = set(yaml.safe_load(_TEXT)["volumes"])
    for name, service in services.items():
        assert {each.split(":")[0] for each in service["volumes"]} <= volumes, name


def test_the_image_runs_as_nobody_special_and_holds_the_postgres_driver() -> None:
    assert re.search(r"^USER closedloop$", _IMAGE, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", _IMAGE, re.MULTILINE)
    assert "[postgres]" in _IMAGE
    assert _IMAGE.count("\nFROM ") == 2


def test_docker_reads_it() -> None:
    if shutil.which("docker") is None or _run("docker", "compose", "version").returncode:
        pytest.skip("docker compose is not installed")
    assert _run("docker", "compose", "config", "--quiet").returncode != 0
    ran = _run("docker", "compose", "config", "--quiet", **_filled_in())
    assert ran.returncode == 0, ran.stderr


def _filled_in() -> dict[str, str]:
    return dict.fromkeys(re.findall(r"\$\{(\w+):\?", _TEXT), "x")


def _run(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*command],
        check=False,
        capture_output=True,
        text=True,
        cwd=_ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        timeout=60,
    )
