"""recommend's inputs: the people and the mixes that analytics publishes, each value newest version wins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from schemas.events import Mix, Person
from schemas.reasons import Reason
from schemas.topics import MIXES, PEOPLE
from services.common.consumer import Decoded, Transaction
from services.common.errors import Rejected
from services.common.eventlog import Batch, Record
from services.recommend import store

Arrived = Callable[[Sequence[bytes]], None]
"""Called after each commit with the keys of the records."""


@dataclass(frozen=True, slots=True)
class Input:
    """The newest that a keyed topic says of a person; `body` is None for a tombstone."""

    topic: str
    tenant: str
    person: UUID
    version: int
    body: bytes | None


class InputHandler:
    """Keeps of each person the newest record and the newest mix, in one row; a tombstone erases."""

    group = "recommend.inputs"
    topics = (PEOPLE, MIXES)
    schema = "recommend"
    watermarked = False

    def __init__(self, arrived: Arrived) -> None:
        self._arrived = arrived

    def decode(self, record: Record) -> Input:
        """Read key, version and value. Raises `Rejected(UNDECODABLE)`."""
        try:
            return _input(record)
        except (ValueError, KeyError) as error:  # of the zone, the UUID, the number, and pydantic's
            raise Rejected(Reason.UNDECODABLE, f"not a record of {record.partition.topic}") from error

    async def lock(self, tx: Transaction, items: Sequence[Decoded[Input]]) -> None:
        """Lock the rows of all these people."""
        if items:
            await store.lock_people(tx.connection, [(item.value.tenant, item.value.person) for item in items])

    async def handle(self, tx: Transaction, items: Sequence[Decoded[Input]]) -> None:
        """Keep the newest of each person; older versions than those that are kept change nothing."""
        people, mixes = _newest(items, PEOPLE), _newest(items, MIXES)
        if people:
            await store.keep_people(
                tx.connection, [(each.tenant, each.person, each.version, each.body is None) for each in people]
            )
        if mixes:
            await store.keep_mixes(
                tx.connection, [(each.tenant, each.person, each.version, each.body) for each in mixes]
            )

    def committed(self, batch: Batch, dead: Sequence[tuple[Record, Reason]]) -> None:
        """Wake the requests that wait for one of these people."""
        self._arrived([record.key for record in batch.records if record.key is not None])


def _input(record: Record) -> Input:
    topic = record.partition.topic
    tenant, _, person = (record.key or b"").decode().rpartition("/")
    if not tenant:
        raise ValueError("the key is tenant/person")
    if record.value is None:
        version = int((record.header("version") or b"").decode())
        return Input(topic, tenant, UUID(person), version, None)
    value = (Person if topic == PEOPLE else Mix).model_validate_json(record.value)
    if (value.tenant, value.person) != (tenant, UUID(person)):
        raise ValueError("the value is of another key")
    if isinstance(value, Mix):
        ZoneInfo(value.time_zone)
    return Input(topic, tenant, value.person, value.version, record.value)


def _newest(items: Sequence[Decoded[Input]], topic: str) -> list[Input]:
    """Return the highest version of each person in one topic, sorted by person; of equal ones the last."""
    newest: dict[store.Key, Input] = {}
    for each in (item.value for item in items):
        key = (each.tenant, each.person)
        if each.topic == topic and (key not in newest or newest[key].version <= each.version):
            newest[key] = each
    return [newest[key] for key in sorted(newest)]
