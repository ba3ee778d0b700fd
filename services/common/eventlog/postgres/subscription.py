"""A member of a consumer group in PostgreSQL.

One connection per subscription holds its locks and does its reading, so that who can read also holds the lock. Each
member holds the group's lock in shared mode: the list of holders, in order, is the list of members, and each works
out the same shares from it (partition i belongs to member i mod n). A share is taken by an exclusive lock per
partition, so two never read one. When a connection dies, its locks are free at once; the others look when they are
told, and otherwise 5 times a second (once a second while alone).
"""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence

import asyncpg

from services.common.backoff import Backoff
from services.common.database import is_away
from services.common.errors import Unavailable
from services.common.eventlog import Batch, Locate, Partition, Range
from services.common.eventlog.members import Member, Seat, out_of_range
from services.common.eventlog.postgres import statements
from services.common.eventlog.postgres.arrangement import records_of
from services.common.eventlog.postgres.watch import GROUPS, Connect, close_quickly
from services.common.eventlog.waiting import set_within

_ALONE = 1.0
_TOGETHER = 0.2
_LEAVE_WITHIN = 2.0

logger = logging.getLogger(__name__)


class PostgresSubscription(Member):
    """Reads its share; `poll` raises `Unavailable` while its connection is lost, and then has nothing assigned."""

    def __init__(
        self,
        connect: Connect,
        group: str,
        topics: Sequence[str],
        locate: Locate,
        *,
        ids: Mapping[Partition, int],
        batch_records: int,
        batch_bytes: int,
    ) -> None:
        super().__init__(group, topics, locate)
        self._connect = connect
        self._ids = {partition: ids[partition] for partition in sorted(ids) if partition.topic in self.topics}
        self._partitions = {identity: partition for partition, identity in self._ids.items()}
        self._locks = {partition: _lock(f"{group} {identity}") for partition, identity in self._ids.items()}
        self._group_lock = _lock(f"{group} {' '.join(sorted(topics))}")
        self._batch_records = batch_records
        self._batch_bytes = batch_bytes
        self._connection: asyncpg.Connection | None = None
        self._using = asyncio.Lock()
        self._regroup = asyncio.Event()
        self._settled = False
        self._away = ""
        self._passed: dict[Partition, int] = {}
        self._tasks.append(asyncio.create_task(self._attend_forever()))

    def settled(self) -> bool:
        """Tell whether this member has worked out its share."""
        return self._settled

    def hear_news(self, partitions: Iterable[int]) -> None:
        """Hear that there may be new records in these partitions."""
        for identity in partitions:
            partition = self._partitions.get(identity)
            if partition is not None and partition in self._seats:
                self._seats[partition].news = True
                self._wake.set()

    def hear_group(self, group: str) -> None:
        """Hear that the members of a group have changed."""
        if group == self.group:
            self._regroup.set()

    async def lag(self) -> dict[Partition, int]:
        """Return how many records are still to be read; what compaction took away at the end does not count."""
        located = {
            partition: max(seat.position, self._passed.get(partition, 0))
            for partition, seat in self._seats.items()
            if seat.position is not None
        }
        rows = await self._fetch(statements.ENDS_OF, [self._ids[partition] for partition in located])
        ends = {self._partitions[row["id"]]: int(row["next"]) for row in rows}
        return {partition: ends[partition] - position for partition, position in located.items()}

    async def close(self) -> None:
        """Leave the group at once."""
        self._unseat(list(self._seats))
        await super().close()

    # Reading

    async def _next(self, patience: float) -> Batch | None:
        if self._away:
            raise Unavailable("log", self._away)
        for partition, seat in list(self._seats.items()):
            if seat.position is not None and seat.news:
                batch = await self._read(partition, seat, seat.position)
                if batch is not None:
                    self._seats[partition] = self._seats.pop(partition)  # the last in turn: nobody starves
                    return batch
        return None

    async def _read(self, partition: Partition, seat: Seat, position: int) -> Batch | None:
        seat.news = False
        rows = await self._fetch(
            statements.READ, self._ids[partition], position, self._batch_records, self._batch_bytes
        )
        if self._seats.get(partition) is not seat:
            return None
        start, end, sparse = rows[0]["start"], rows[0]["next"], rows[0]["sparse"]
        if not start <= position <= end:
            raise out_of_range(self.group, partition, position, Range(start, end))
        if rows[0]["position"] is None:
            self._passed[partition] = end
            return None
        records = records_of(partition, position, sparse, (tuple(row.values())[3:] for row in rows))
        seat.news = True
        return Batch(partition, position, records[-1].position + 1, tuple(records))

    async def _range(self, partition: Partition) -> Range:
        (row,) = await self._fetch(statements.RANGE_OF, self._ids[partition])
        return Range(row["start"], row["next"])

    async def _fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """Run a statement on this member's connection; raises `Unavailable` when it is lost."""
        connection = self._connection
        if connection is None:
            raise Unavailable("log", self._away or "not connected yet")
        try:
            async with self._using:
                return await connection.fetch(statement, *arguments)
        except Exception as error:
            if not is_away(error):
                raise
            connection.terminate()
            raise Unavailable("log", type(error).__name__) from error

    # The group

    async def _attend_forever(self) -> None:
        backoff = Backoff(longest=2.0)
        while True:
            try:
                await self._attend()
            except Exception as error:
                if not is_away(error):
                    logger.exception("a member failed", extra={"group": self.group})
                self._away = type(error).__name__
                self._wake.set()
            await backoff.sleep()

    async def _attend(self) -> None:
        connection = await self._connect()
        connection.add_termination_listener(lambda _: self._lost(connection))
        self._connection = connection
        try:
            await self._fetch(statements.JOIN, self._group_lock)
            await self._fetch(statements.NOTIFY, GROUPS, self.group)
            while True:
                self._regroup.clear()
                pause = await self._share_out()
                self._away = ""
                await set_within(self._regroup, pause)
        finally:
            self._lost(connection)
            await self._leave(connection)

    def _lost(self, connection: asyncpg.Connection) -> None:
        """The locks are gone with the connection, so nothing is ours any more."""
        if self._connection is not connection:
            return
        self._connection = None
        self._settled = False
        self._unseat(list(self._seats))
        self._passed.clear()
        self._regroup.set()

    async def _leave(self, connection: asyncpg.Connection) -> None:
        if not connection.is_closed():
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                await connection.execute(statements.LEAVE, GROUPS, self.group, timeout=_LEAVE_WITHIN)
        await close_quickly(connection)

    async def _share_out(self) -> float:
        """Give back what is not this member's, take what is; return how long to wait before looking again."""
        connection = self._connection
        if connection is None:
            raise Unavailable("log", "the connection was lost")
        members = [row["pid"] for row in await self._fetch(statements.MEMBERS, self._group_lock)]
        mine = _share(list(self._ids), members.index(connection.get_server_pid()), len(members))
        await self._release(set(self._seats) - mine)
        missing = mine - set(self._seats)
        taken = await self._take(missing)
        self._settled = True
        return _ALONE if len(members) == 1 and taken == missing else _TOGETHER

    async def _release(self, partitions: set[Partition]) -> None:
        if partitions:
            self._unseat(partitions)
            await self._fetch(statements.RELEASE, [self._locks[partition] for partition in partitions])
            await self._fetch(statements.NOTIFY, GROUPS, self.group)

    async def _take(self, partitions: set[Partition]) -> set[Partition]:
        if not partitions:
            return set()
        by_lock = {self._locks[partition]: partition for partition in partitions}
        rows = await self._fetch(statements.TAKE, list(by_lock))
        taken = {by_lock[row["key"]] for row in rows}
        if self._connection is not None:
            self._seat(taken)
        return taken


def _share(partitions: Sequence[Partition], rank: int, members: int) -> set[Partition]:
    return {partition for index, partition in enumerate(partitions) if index % members == rank}


def _lock(name: str) -> int:
    """Return the number of an advisory lock."""
    return int.from_bytes(hashlib.sha256(f"leermix log {name}".encode()).digest()[:8], "big", signed=True)
