import pytest

pytest.register_assert_rewrite("tests.infra.log.contract", "tests.infra.log.keeping_contract")
