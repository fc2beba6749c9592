"""Every operation is tried out by Schemathesis: no answer is a mistake of ours, and each is as the description says."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.bootstrap import Services
from api.interface.shapes import SHEET
from infra.settings import read_settings
from tests.api.interface.trying import Bounds, Case, Kept, key_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@schemathesis.serializer("application/x-ndjson", "application/vnd.apache.parquet", SHEET)
def _as_it_stands(_context: Any, value: Any) -> Any:
    return value if isinstance(value, bytes) else str(getattr(value, "data", value)).encode()


schema = schemathesis.openapi.from_dict(create_app(Services(read_settings(_env_file=None))).openapi())
schema.config.phases.coverage.unexpected_methods = set()
_bounds = Bounds()


@schema.parametrize()
@settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_answers_are_as_described(address: str, kept: Kept, case: Case) -> None:
    if _bounds.are_passed(case):
        return
    kept.name(case)
    response = case.call(base_url=address, headers=key_of(case), timeout=120)
    case.validate_response(response, checks=CHECKS)
