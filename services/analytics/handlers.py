"""analytics' one group: statements and rulings in; learning events, days and mixes out, in one transaction."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from schemas.events import LearningClass
from schemas.reasons import Reason
from schemas.topics import RULINGS, STATEMENTS
from services.analytics import decoding, deriving, folding
from services.analytics.decoding import Key, News
from services.analytics.domain.standing import Content, Judged, Standing, Told, judge
from services.analytics.readings import Readings
from services.analytics.store import GROUP, SCHEMA, statements
from services.analytics.surroundings import Surroundings
from services.common import metrics
from services.common.consumer import Decoded, Transaction
from services.common.eventlog import Batch, Record

Applied = Callable[[Batch], None]
"""Called after each commit."""


class LearningHandler:
    """Decides for every statement who learned, how and for how long, and folds that into each person's days.

    Locks, in this order: statement ids, identities, persons; each kind sorted.
    """

    group = GROUP
    topics = (STATEMENTS, RULINGS)
    schema = SCHEMA
    watermarked = False

    def __init__(self, readings: Readings, around: Surroundings, applied: Applied) -> None:
        self._readings = readings
        self._around = around
        self._applied = applied
        self._counted: tuple[Transaction | None, Counter[LearningClass]] = (None, Counter())

    def decode(self, record: Record) -> News:
        """Read a statement or a ruling."""
        return decoding.decode(record)

    async def lock(self, tx: Transaction, items: Sequence[Decoded[News]]) -> None:
        """Take every lock that handling these one by one can take."""
        contents: dict[Key, list[Content]] = {}
        for item in items:
            contents.setdefault(item.value.key, [])
            if (content := item.value.told.content) is not None:
                contents[item.value.key].append(content)
        if not contents:
            return
        await statements.lock(tx.connection, dict.fromkeys(contents, Standing()))
        live = await self._readings.live(tx.connection, {tenant for tenant, _ in contents})
        said = deriving.derivable(contents, live)
        await folding.prepare(tx, said, contents, self._around)

    async def handle(self, tx: Transaction, items: Sequence[Decoded[News]]) -> None:
        """Judge what each statement id stands for now, and make that of it."""
        news: dict[Key, list[Told]] = {}
        for item in items:
            news.setdefault(item.value.key, []).append(item.value.told)
        first = {key: judge(Standing(), told) for key, told in news.items()}
        locked = await statements.lock(tx.connection, {key: each.standing for key, each in first.items()})
        judged = {
            key: first[key] if locked[key].fresh else judge(locked[key].standing, told) for key, told in news.items()
        }
        await statements.keep(
            tx.connection,
            {
                k: each.standing
                for k, each in judged.items()
                if not locked[k].fresh and each.standing != locked[k].standing
            },
        )
        changed = {key: each for key, each in judged.items() if each.changed}
        if changed:
            self._count(tx, await self._fold(tx, changed, locked))

    def committed(self, batch: Batch, dead: Sequence[tuple[Record, Reason]]) -> None:
        """Count what was derived, and wake who waits for it."""
        _, counted = self._counted
        self._counted = (None, Counter())
        for cls, number in counted.items():
            metrics.LEARNING_EVENTS.labels(cls).inc(number)
        self._applied(batch)

    async def _fold(
        self, tx: Transaction, changed: Mapping[Key, Judged], locked: Mapping[Key, statements.Locked]
    ) -> Counter[LearningClass]:
        live = await self._readings.live(tx.connection, {tenant for tenant, _ in changed})
        contents = {key: each.content for key, each in changed.items()}
        known = {key for key in changed if not locked[key].fresh}  # nobody has said anything of the others yet
        found = await deriving.corrected(tx.connection, known, deriving.said(contents, live))
        return await folding.fold(tx, found, live, known, self._around)

    def _count(self, tx: Transaction, derived: Counter[LearningClass]) -> None:
        """Add to what this transaction derived; what an abandoned one did is forgotten."""
        of, counted = self._counted
        self._counted = (tx, counted + derived if of is tx else derived)
