import pytest

pytest.register_assert_rewrite("tests.infra.log.contract")
