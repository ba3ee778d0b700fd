"""analytics' one group: statements and rulings in; learning events, days and mixes out, in one transaction."""

from collections import Counter
from collections.abc import Callable, Sequence

from schemas.events import LearningClass
from schemas.reasons import Reason
from schemas.topics import RULINGS, STATEMENTS
from services.analytics import decoding, folding
from services.analytics.decoding import Key, News
from services.analytics.domain.classify.rules import RuleSet
from services.analytics.domain.events import Derived, derive
from services.analytics.domain.standing import Content, Judged, Told, judge
from services.analytics.store import GROUP, SCHEMA, statements
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

    def __init__(self, rules: RuleSet, cap_us: int, around: folding.Surroundings, applied: Applied) -> None:
        self._rules = rules
        self._cap_us = cap_us
        self._around = around
        self._applied = applied
        self._counted: tuple[Transaction | None, Counter[LearningClass]] = (None, Counter())

    def decode(self, record: Record) -> News:
        """Read a statement or a ruling."""
        return decoding.decode(record)

    async def lock(self, tx: Transaction, items: Sequence[Decoded[News]]) -> None:
        """Take every lock that handling these one by one can take."""
        keys = {item.value.key for item in items}
        if keys:
            await statements.lock(tx.connection, keys)
            await folding.lock_people(tx, self._actors(items), keys, self._around)

    async def handle(self, tx: Transaction, items: Sequence[Decoded[News]]) -> None:
        """Judge what each statement id stands for now, and make that of it."""
        news: dict[Key, list[Told]] = {}
        for item in items:
            news.setdefault(item.value.key, []).append(item.value.told)
        before = await statements.lock(tx.connection, news)
        judged = {key: judge(before[key], told) for key, told in news.items()}
        await statements.keep(
            tx.connection, {key: each.standing for key, each in judged.items() if each.standing != before[key]}
        )
        changed = {key: self._derive(each) for key, each in judged.items() if each.changed}
        if changed:
            self._count(tx, await folding.fold(tx, changed, self._around))

    def committed(self, batch: Batch, dead: Sequence[tuple[Record, Reason]]) -> None:
        """Count what was derived, and wake who waits for it."""
        _, counted = self._counted
        self._counted = (None, Counter())
        for cls, number in counted.items():
            metrics.LEARNING_EVENTS.labels(cls).inc(number)
        self._applied(batch)

    def _derive(self, judged: Judged) -> list[Derived]:
        return [] if judged.content is None else derive(judged.content, self._rules, self._cap_us)

    def _actors(self, items: Sequence[Decoded[News]]) -> set[tuple[str, str]]:
        actors = set()
        for item in items:
            if (content := item.value.told.content) is not None:
                actors |= {(item.value.key[0], each.learner) for each in self._derivable(content)}
        return actors

    def _derivable(self, content: Content) -> list[Derived]:
        """Derive, or nothing where that fails: the record needs no locks, and fails again where it is handled."""
        try:
            return derive(content, self._rules, self._cap_us)
        except Exception:  # noqa: BLE001 - whatever it is, `handle` raises it again for this record alone
            return []

    def _count(self, tx: Transaction, derived: Counter[LearningClass]) -> None:
        """Add to what this transaction derived; what an abandoned one did is forgotten."""
        of, counted = self._counted
        self._counted = (tx, counted + derived if of is tx else derived)
