"""The embedded warehouse alone, for what asks it much: through which client it is asked is tested elsewhere."""

from collections.abc import Iterator

import pytest

from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.attribution.world import NOW


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("embedded")
    opened = Services(
        read_settings(data=folder, timezone="UTC", load_interval_ms=1, _env_file=None),
        FrozenClock(NOW),
    )
    yield opened
    opened.close()
