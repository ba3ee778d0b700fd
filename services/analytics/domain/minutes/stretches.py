"""Stretches: a person's claims folded so that no minute counts twice (law 5; MIX.md 1, rules 11 and 12).

The claims of one person, in any order, are swept once from left to right. Between two neighbouring boundaries the same
claims hold, and that piece of time goes to the most specific of them. Claims that touch no other are a piece each.
"""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Literal, NamedTuple

from schemas.events import LearningClass
from services.analytics.domain.minutes.facts import Footprint, Held, Known

_KNOWN_ORDER: dict[Known, int] = {"reported": 0, "session": 1, "default": 2, "none": 3}
_MODE_ORDER: dict[LearningClass, int] = {
    "experiential": 0,
    "social": 1,
    "formal": 2,
    "unclassified": 3,
    "not_learning": 4,
}
_KNOWN: tuple[Known, ...] = ("reported", "session", "default")

Fold = Literal["minutes", "measured"]
"""Over all claims, or over reported and session claims only: two folds, never a subtraction (MIX.md 1.11)."""


class Stretch(NamedTuple):
    """A piece of a person's time, given to one mode on the word of one statement; stretches never overlap."""

    start_us: int
    end_us: int
    mode: LearningClass
    known: Known
    statement: str


Claim = Stretch
"""A claim has the same fields: the interval that it wants, how it is known itself, and whose it is."""


def stretches(held: Iterable[Held], fold: Fold = "minutes", *, given: bool = False) -> list[Stretch]:
    """Fold everything that one person has into stretches in the order of time; together they are the claims' union.

    `given` asks for the time that was given to others, which never competes with the rest (MIX.md 1.3). Unclassified
    stretches are returned too: the mix leaves them out.
    """
    claims = [claim for each in held if each.fact.given == given for claim in claims_of(each.footprint)]
    if fold == "measured":
        claims = [claim for claim in claims if claim.known != "default"]
    claims.sort()
    return list(_joined(piece for cluster in clusters(claims) for piece in pieces(cluster)))


def claims_of(each: Footprint) -> list[Claim]:
    """Return the claims of a fact: none, one, or two of which the second is the time since the previous statement."""
    if each.end_us <= each.start_us or each.mode == "not_learning":
        return []
    first = Claim(each.start_us, each.end_us, each.mode, each.known, each.statement)
    if each.since_us is None:
        return [first]
    return [first, Claim(each.since_us, each.end_us, each.mode, "session", each.statement)]


def clusters(claims: Iterable[Claim]) -> Iterator[list[Claim]]:
    """Cut claims that come in the order of time into those that hang together; between clusters nothing is claimed."""
    cluster: list[Claim] = []
    reach = 0
    for claim in claims:
        if cluster and claim[0] >= reach:
            yield cluster
            cluster = []
        reach = max(reach, claim[1]) if cluster else claim[1]
        cluster.append(claim)
    if cluster:
        yield cluster


def pieces(cluster: list[Claim]) -> Iterable[Stretch]:
    """Fold claims into stretches; neighbours may be alike."""
    return cluster if len(cluster) == 1 else _swept(sorted(cluster, key=_specificity))


def _specificity(claim: Claim) -> tuple[bool, int, int, int, str, int]:
    """Return the key by which the most specific claim sorts first (MIX.md 1.12); it is total."""
    start, end, mode, known, statement = claim
    return mode == "unclassified", end - start, _KNOWN_ORDER[known], _MODE_ORDER[mode], statement, start


def _swept(ranked: list[Claim]) -> Iterator[Stretch]:
    """Sweep over the boundaries; `ranked` are the claims, most specific first, each known by its rank."""
    boundaries = [(claim.start_us, True, rank) for rank, claim in enumerate(ranked)]
    boundaries += [(claim.end_us, False, rank) for rank, claim in enumerate(ranked)]
    boundaries.sort()
    open_ranks: list[int] = []
    closed: set[int] = set()
    holding: dict[tuple[LearningClass, Known], int] = {}
    previous = 0
    for at, opens, rank in boundaries:
        while open_ranks and open_ranks[0] in closed:
            heappop(open_ranks)
        if open_ranks and at > previous:
            winner = ranked[open_ranks[0]]
            best = next(known for known in _KNOWN if holding.get((winner.mode, known)))
            yield Stretch(previous, at, winner.mode, best, winner.statement)
        previous = at
        kind = ranked[rank].mode, ranked[rank].known
        holding[kind] = holding.get(kind, 0) + (1 if opens else -1)
        if opens:
            heappush(open_ranks, rank)
        else:
            closed.add(rank)


def _joined(found: Iterable[Stretch]) -> Iterator[Stretch]:
    """Join neighbours that differ in nothing but their bounds."""
    last: Stretch | None = None
    for piece in found:
        if last is not None and last.end_us == piece.start_us and last[2:] == piece[2:]:
            last = last._replace(end_us=piece.end_us)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
