import pytest

from tests.kafka_fixture import kafka_broker, kafka_servers

__all__ = ["kafka_broker", "kafka_servers"]

pytest.register_assert_rewrite("tests.infra.log.contract")
