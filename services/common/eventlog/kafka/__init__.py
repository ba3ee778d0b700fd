"""The event log on Apache Kafka: what the distributed mode runs on."""

from services.common.eventlog.kafka.log import KafkaEventLog

__all__ = ["KafkaEventLog"]
