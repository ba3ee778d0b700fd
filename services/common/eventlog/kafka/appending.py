"""Which partition takes a request, and when a second one is asked as well.

Normally it is the partition that the route hashes to. Where the topic is not keyed, a partition without a leader, or
whose broker owes answers, is passed over; and a request that has not been acknowledged after `failover_after` goes
once more, to a partition led by another broker. Where no other broker answers either, as in the moment in which all
partitions wait for a dead replica (docs/adr/0007), it goes there as soon as one does. That doubles the work of one
request, so it has a budget: slowness alone must not double the load.
"""

import asyncio
from collections.abc import Mapping, Sequence

from schemas.topics import Topic
from services.common.errors import Unavailable
from services.common.eventlog import Appended, Entry, Partition, partition_of
from services.common.eventlog.kafka.lanes import Lanes
from services.common.eventlog.kafka.link import Link

_SHARE = 0.1
_FIRST = 50.0
_BURST = 500.0  # what a second of 1,500 requests leaves at one dead broker of three
_LOOK_AGAIN = 0.05


class Budget:
    """A bucket of second tries: each request adds a tenth of one, and some may be saved up."""

    def __init__(self, share: float = _SHARE, burst: float = _BURST) -> None:
        self._share = share
        self._burst = burst
        self._saved = min(_FIRST, burst)

    def earn(self) -> None:
        """Count a request."""
        self._saved = min(self._burst, self._saved + self._share)

    def spend(self) -> bool:
        """Take a second try out, if there is one."""
        if self._saved < 1:
            return False
        self._saved -= 1
        return True


class Appending:
    """Appends requests, within `append_timeout` in all cases."""

    def __init__(
        self, link: Link, lanes: Lanes, topics: Mapping[str, Topic], append_timeout: float, failover_after: float
    ) -> None:
        self._link = link
        self._lanes = lanes
        self._topics = topics
        self._append_timeout = append_timeout
        self._failover_after = failover_after
        self._budget = Budget()

    async def append(self, topic: str, entries: Sequence[Entry], route: bytes, size: int) -> Appended:
        """Return where the request landed first; raises `Unavailable` when that is not known in time."""
        self._link.producer()  # not connected: say so at once
        self._budget.earn()
        home = Partition(topic, partition_of(route, self._link.counts[topic]))
        first = home if self._topics[topic].keyed or self._fit(home) else self._elsewhere(home) or home
        tries = [self._lanes.submit(first, entries, size)]
        try:
            async with asyncio.timeout(self._append_timeout):
                landed = await _first_of(tries, self._failover_after)
                while landed is None and len(tries) == 1 and not self._topics[topic].keyed:
                    tries += self._second_try(first, entries, size)
                    if tries[0].done():
                        break
                    landed = await _first_of(tries, _LOOK_AGAIN)
                return landed or await _first_of(tries) or _raise(tries)
        except TimeoutError as error:
            raise Unavailable("kafka", f"not acknowledged within {self._append_timeout} s") from error
        finally:
            for each in tries:
                each.cancel()  # what has not been sent yet is taken back

    def _second_try(self, first: Partition, entries: Sequence[Entry], size: int) -> list[asyncio.Future[Appended]]:
        other = self._elsewhere(first)
        if other is None or not self._budget.spend():
            return []
        try:
            return [self._lanes.submit(other, entries, size)]
        except Unavailable:  # the buffers are full: the first try may still succeed
            return []

    def _fit(self, partition: Partition) -> bool:
        return self._link.leader_of(partition) not in self._unfit()

    def _unfit(self) -> set[int | None]:
        """The leaders that are not worth asking; None stands for none."""
        return {None} | self._lanes.silent_brokers(self._failover_after)

    def _elsewhere(self, partition: Partition) -> Partition | None:
        """Return a partition of the same topic that another broker leads and that is fit, if there is one."""
        unfit = self._unfit() | {self._link.leader_of(partition)}
        others = [
            other
            for number in range(self._link.counts[partition.topic])
            if self._link.leader_of(other := Partition(partition.topic, number)) not in unfit
        ]
        return others[partition.number % len(others)] if others else None


async def _first_of(tries: Sequence[asyncio.Future[Appended]], patience: float | None = None) -> Appended | None:
    """Return the first that succeeds; None when all have failed, or when patience has ended.

    A refusal is an answer too: it is raised.
    """
    pending = set(tries)
    while pending:
        done, pending = await asyncio.wait(pending, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            return None
        for each in done:
            error = each.exception()
            if error is None:
                return each.result()
            if not isinstance(error, Unavailable):
                raise error
    return None


def _raise(tries: Sequence[asyncio.Future[Appended]]) -> Appended:
    return tries[0].result()
