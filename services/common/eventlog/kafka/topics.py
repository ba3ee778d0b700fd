"""The topics as their documents say, made where they are absent. What is there already is left alone."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from schemas.topics import Topic
from services.common.eventlog.partitions import checked_partitions

_REQUEST_TIMEOUT_MS = 3_000
_TOMBSTONES_FOR = timedelta(days=8)  # longer than any other topic keeps anything, so that every reader sees them
_COMPACTED_WITHIN = timedelta(hours=24)
_SEEN_WITHIN = 10.0
_LOOK_AGAIN = 0.05
_BATCH_SLACK = 64 * 1024  # what compression may add where there is nothing to compress


async def ensure_topics(
    bootstrap_servers: str, topics: Mapping[str, Topic], replication_factor: int, batch_bytes: int
) -> dict[str, int]:
    """Return how many partitions each topic has, all of them there; raises KafkaError or `WrongPartitions`."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=_REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        async with asyncio.timeout(_SEEN_WITHIN):
            found = await _all_found(admin, [_new(topic, replication_factor, batch_bytes) for topic in topics.values()])
    finally:
        await admin.close()
    return {topic.name: checked_partitions(topic, found[topic.name]) for topic in topics.values()}


async def _all_found(admin: AIOKafkaAdminClient, wanted: list[NewTopic]) -> dict[str, int]:
    """Create what is absent until the broker tells of all; it hears of a new topic later than the controller."""
    while absent := [topic for topic in wanted if topic.name not in (found := await _found(admin))]:
        await _create(admin, absent)
        await asyncio.sleep(_LOOK_AGAIN)
    return found


async def _found(admin: AIOKafkaAdminClient) -> dict[str, int]:
    return {each["topic"]: len(each["partitions"]) for each in await admin.describe_topics()}


async def _create(admin: AIOKafkaAdminClient, wanted: list[NewTopic]) -> None:
    response = await admin.create_topics(wanted)
    for name, code, *message in response.topic_errors:
        error = for_code(code)
        if error not in (NoError, TopicAlreadyExistsError):  # another process may have been faster
            raise KafkaError(f"topic {name} was not made: {error.__name__} {message}")


def _new(topic: Topic, replication_factor: int, batch_bytes: int) -> NewTopic:
    return NewTopic(
        topic.name,
        topic.partitions,
        replication_factor,
        topic_configs=config_of(topic, replication_factor, batch_bytes),
    )


def config_of(topic: Topic, replication_factor: int, batch_bytes: int) -> dict[str, str]:
    """Return the configuration that a topic's document asks for."""
    config = {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "max.message.bytes": str(batch_bytes + _BATCH_SLACK),
        "min.insync.replicas": "2" if replication_factor >= 3 else "1",
        "unclean.leader.election.enable": "false",
    }
    if topic.retention_days is not None:
        config["retention.ms"] = _ms(timedelta(days=topic.retention_days))
    if topic.compacted:
        config["cleanup.policy"] = "compact" if topic.retention_days is None else "compact,delete"
        config["delete.retention.ms"] = _ms(_TOMBSTONES_FOR)
        config["max.compaction.lag.ms"] = _ms(_COMPACTED_WITHIN)
    return config


def _ms(duration: timedelta) -> str:
    return str(int(duration.total_seconds() * 1000))
