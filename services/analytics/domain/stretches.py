"""Stretches: a person's claims folded so that no minute counts twice (law 5; MIX.md 1, rule 12).

The claims of one person, in any order and however often repeated, are swept once from left to right. Between two
neighbouring boundaries the same claims hold, and that piece of time goes to the most specific of them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

from schemas.events import LearningClass
from services.analytics.domain.claims import Claim, Known

_KNOWN_ORDER: dict[Known, int] = {"reported": 0, "session": 1, "default": 2, "none": 3}
_MODE_ORDER: dict[LearningClass, int] = {
    "experiential": 0,
    "social": 1,
    "formal": 2,
    "unclassified": 3,
    "not_learning": 4,
}
_KNOWN: tuple[Known, ...] = tuple(_KNOWN_ORDER)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a person's time, given to one mode on the word of one statement; stretches never overlap."""

    start_us: int
    end_us: int
    mode: LearningClass
    known: Known
    statement_id: str


def stretches(claims: Iterable[Claim]) -> list[Stretch]:
    """Fold one person's claims into stretches in the order of time; together they are the claims' union.

    A stretch goes to: classified before unclassified; the shortest whole claim; how it is known; experiential,
    social, formal; the statement id. Unclassified stretches are returned too: the mix leaves them out.
    """
    ranked = sorted((c for c in claims if c.length_us > 0 and c.mode != "not_learning"), key=_specificity)
    return list(_joined(_pieces(ranked)))


def _specificity(claim: Claim) -> tuple[bool, int, int, int, str, int, str]:
    """Return the key by which the most specific claim sorts first; it is total, so that order cannot matter."""
    return (
        claim.mode == "unclassified",
        claim.length_us,
        _KNOWN_ORDER[claim.known],
        _MODE_ORDER[claim.mode],
        claim.statement_id,
        claim.start_us,
        claim.person,
    )


def _pieces(ranked: list[Claim]) -> Iterator[Stretch]:
    """Sweep over the boundaries; `ranked` are the claims, most specific first, each known by its rank."""
    boundaries = [(c.start_us, True, rank) for rank, c in enumerate(ranked)]
    boundaries += [(c.end_us, False, rank) for rank, c in enumerate(ranked)]
    boundaries.sort()
    open_ranks: list[int] = []
    closed: set[int] = set()
    known: Counter[tuple[LearningClass, Known]] = Counter()
    previous = 0
    for at, opens, rank in boundaries:
        while open_ranks and open_ranks[0] in closed:
            heappop(open_ranks)
        if open_ranks and at > previous:
            winner = ranked[open_ranks[0]]
            best = next(k for k in _KNOWN if known[winner.mode, k])
            yield Stretch(previous, at, winner.mode, best, winner.statement_id)
        previous = at
        known[ranked[rank].mode, ranked[rank].known] += 1 if opens else -1
        if opens:
            heappush(open_ranks, rank)
        else:
            closed.add(rank)


def _joined(pieces: Iterable[Stretch]) -> Iterator[Stretch]:
    """Join neighbours that differ in nothing but their bounds."""
    last: Stretch | None = None
    for piece in pieces:
        if last is not None and last.end_us == piece.start_us and _same(last, piece):
            last = Stretch(last.start_us, piece.end_us, last.mode, last.known, last.statement_id)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last


def _same(one: Stretch, other: Stretch) -> bool:
    return (one.mode, one.known, one.statement_id) == (other.mode, other.known, other.statement_id)
