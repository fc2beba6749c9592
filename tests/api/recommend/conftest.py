"""The sample holding, small, in which budgets are split."""

from collections.abc import Iterator

import pytest

from tests.api.sampled import Sampled, sampled


@pytest.fixture(scope="package")
def holding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sampled]:
    with sampled(tmp_path_factory.mktemp("recommend"), dealers=6, months=6) as found:
        yield found
