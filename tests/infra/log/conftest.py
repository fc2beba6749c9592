from tests.kafka_fixture import kafka_broker, kafka_servers

__all__ = ["kafka_broker", "kafka_servers"]
