"""How much of a batch one transaction takes: all of it, until that was more than PostgreSQL did in time.

Then half as much, on a request boundary where there is one, at last record by record; and twice as much again after
what went quickly. Pure: times are arguments.
"""

import sys

from services.common.eventlog import Batch, Partition
from services.common.eventlog.members import BATCH_RECORDS
from services.common.eventlog.requests import cut

_QUICK = 4  # what takes less than a quarter of the time it may take can be doubled


class Portions:
    """The present limit of each partition that has one."""

    def __init__(self) -> None:
        self._limits: dict[Partition, int] = {}

    def first_of(self, batch: Batch) -> Batch:
        """Return the part of the batch that is taken next; it begins where the batch does."""
        limit = self._limits.get(batch.partition, len(batch.records))
        if limit >= len(batch.records):
            return batch
        taken = batch.records[: min(limit, cut(batch.records, limit, sys.maxsize))]
        return Batch(batch.partition, batch.position, taken[-1].position + 1, taken)

    def was_too_much(self, part: Batch) -> bool:
        """Hear that this part was not done in time; tell whether it can be made smaller."""
        self._limits[part.partition] = max(1, len(part.records) // 2)
        return len(part.records) > 1

    def was_done(self, part: Batch, seconds: float, allowed: float) -> None:
        """Hear that this part was done in so many of the allowed seconds."""
        limit = self._limits.get(part.partition)
        if limit is None or seconds > allowed / _QUICK or 2 * len(part.records) < limit:
            return
        if 2 * limit < BATCH_RECORDS:
            self._limits[part.partition] = 2 * limit
        else:
            del self._limits[part.partition]


def rest_of(batch: Batch, part: Batch) -> Batch | None:
    """Return what remains of the batch after its first part, if anything does."""
    records = batch.records[len(part.records) :]
    return Batch(batch.partition, part.next, batch.next, records) if records else None
