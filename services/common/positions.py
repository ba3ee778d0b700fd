"""Where a group stands: in the service's own schema, moved in the handler's transaction (law 2)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.common.database import Connection, Database
from services.common.errors import Stale
from services.common.eventlog import Batch, Partition, Range

_IDLE_BEHIND = timedelta(seconds=1)


class Positions:
    """The rows of one group in `<schema>.positions`."""

    def __init__(self, database: Database, schema: str, group: str) -> None:
        self._database = database
        self._table = f"{schema}.positions"
        self._group = group

    async def locate(self, partition: Partition, held: Range) -> int:
        """Return where to read from; a first start writes its row, at the beginning of what the log holds.

        The row of a partition that is new starts at the group's greatest watermark: nothing it will hold may be
        stored before what others already promised. The others are held meanwhile: one that went on before the new row
        can be seen would promise what the new one does not keep.
        """
        async with self._database.transaction() as connection:
            known = await self._stored(connection, partition.topic, partition.number)
            if known is not None:
                return known
            await connection.execute(
                f"SELECT FROM {self._table} WHERE group_name = $1 ORDER BY topic, partition FOR UPDATE", self._group
            )
            position = await connection.fetchval(
                f"""
                WITH added AS (
                    INSERT INTO {self._table} (group_name, topic, partition, position, watermark)
                    SELECT $1, $2, $3, $4, coalesce(max(watermark), 'epoch') FROM {self._table} WHERE group_name = $1
                    ON CONFLICT DO NOTHING
                    RETURNING position
                )
                SELECT position FROM added
                UNION ALL
                SELECT position FROM {self._table} WHERE group_name = $1 AND topic = $2 AND partition = $3
                """,
                self._group,
                partition.topic,
                partition.number,
                held.start,
            )
        if position is None:
            raise Stale(f"the row of {partition} was written by another at this very moment")
        return int(position)

    async def move(self, connection: Connection, batch: Batch) -> datetime:
        """Move past the batch by compare-and-set, lock the row until commit and return the partition's watermark.

        Raises `Stale` when the position is not where the reader was before its poll.
        """
        watermark: datetime | None = await connection.fetchval(
            f"""
            UPDATE {self._table} SET position = $5, moved = now()
            WHERE group_name = $1 AND topic = $2 AND partition = $3 AND position = $4
            RETURNING watermark
            """,
            self._group,
            batch.partition.topic,
            batch.partition.number,
            batch.position,
            batch.next,
        )
        if watermark is None:
            raise Stale(f"group {self._group} no longer stands at {batch.position} of {batch.partition}")
        return watermark

    async def advance(self, connection: Connection, partition: Partition, watermark: datetime) -> None:
        """Set the watermark of a partition whose row `move` has locked."""
        await connection.execute(
            f"UPDATE {self._table} SET watermark = $4 WHERE group_name = $1 AND topic = $2 AND partition = $3",
            self._group,
            partition.topic,
            partition.number,
            watermark,
        )

    async def idle(self, partitions: Iterable[Partition], now: datetime) -> None:
        """Raise the watermark of partitions with nothing to read to a second ago.

        Harmless from anyone: what is stamped at or before a watermark is stored after it.
        """
        async with self._database.transaction() as connection:
            rows = sorted((partition.topic, partition.number) for partition in partitions)
            await connection.execute(
                f"""
                WITH idle AS (
                    SELECT p.topic, p.partition FROM {self._table} p
                    JOIN unnest($2::text[], $3::int[]) AS w (topic, partition) USING (topic, partition)
                    WHERE p.group_name = $1 ORDER BY p.topic, p.partition FOR UPDATE OF p
                )
                UPDATE {self._table} p SET watermark = greatest(p.watermark, $4)
                FROM idle WHERE p.group_name = $1 AND p.topic = idle.topic AND p.partition = idle.partition
                """,
                self._group,
                [topic for topic, _ in rows],
                [number for _, number in rows],
                now - _IDLE_BEHIND,
            )

    async def stands_at(self, topic: str, partition: int) -> int | None:
        """Return the stored position of one partition, if there is one."""
        async with self._database.connection() as connection:
            return await self._stored(connection, topic, partition)

    async def resumes(self) -> int:
        """Return how often an operator has let this group go on; it only grows."""
        async with self._database.connection() as connection:
            return int(
                await connection.fetchval(
                    f"SELECT coalesce(sum(resumes), 0) FROM {self._table} WHERE group_name = $1", self._group
                )
            )

    async def resume(self) -> int:
        """Let every member of this group that has stopped go on; return how many partitions the group has."""
        async with self._database.transaction() as connection:
            rows = await connection.fetch(
                f"""
                WITH mine AS (
                    SELECT topic, partition FROM {self._table}
                    WHERE group_name = $1 ORDER BY topic, partition FOR UPDATE
                )
                UPDATE {self._table} p SET resumes = resumes + 1
                FROM mine WHERE p.group_name = $1 AND p.topic = mine.topic AND p.partition = mine.partition
                RETURNING 1
                """,
                self._group,
            )
        return len(rows)

    async def reset(self, partition: Partition, position: int) -> None:
        """Have the group go on from there on one partition, members that have stopped included."""
        async with self._database.transaction() as connection:
            await connection.execute(
                f"UPDATE {self._table} SET position = $4, moved = now(), resumes = resumes + 1 "
                "WHERE group_name = $1 AND topic = $2 AND partition = $3",
                self._group,
                partition.topic,
                partition.number,
                position,
            )

    async def _stored(self, connection: Connection, topic: str, partition: int) -> int | None:
        position: int | None = await connection.fetchval(
            f"SELECT position FROM {self._table} WHERE group_name = $1 AND topic = $2 AND partition = $3",
            self._group,
            topic,
            partition,
        )
        return position
