"""`--soak-minutes`: how long the tests that kill at random go on; some seconds unless it is said."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak-minutes", type=float, default=0.2, help="how long roles are killed at random")
