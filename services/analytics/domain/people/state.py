"""What is known of people before something is said of them."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from services.analytics.domain.people.identity import alias_of, key_of
from services.analytics.domain.people.wanted import Membership, Team, Wanted

Origin = str
"""How an identity came to its person: `import`, or `alias` of one that did."""


@dataclass(frozen=True, slots=True)
class Known:
    """A reference on the roster. Of who has left, no identities stand there."""

    reference: str
    person: str
    active: bool
    identities: tuple[str, ...]
    memberships: tuple[Membership, ...]


@dataclass(frozen=True, slots=True)
class State:
    """What matters for what is said: the references, whose the identities are, and which pairs were ever matched.

    `owners` has the person of each identity in question that is known; `used` are those of them by which something was
    ever recorded.
    """

    roster: Mapping[str, Known] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    used: Set[str] = frozenset()
    matched: Set[frozenset[str]] = frozenset()
    teams: Mapping[str, Team] = field(default_factory=dict)


def keys_of(identities: tuple[str, ...]) -> dict[str, tuple[str, Origin]]:
    """Return the actor_keys of identities and of their aliases, each with its IFI and its origin."""
    keys = {key_of(each): (each, "import") for each in identities}
    for each in identities:
        if (alias := alias_of(each)) is not None:
            keys.setdefault(key_of(alias), (alias, "alias"))
    return keys


def in_question(roster: Mapping[str, Known], wanted: Iterable[Wanted]) -> dict[str, dict[str, tuple[str, Origin]]]:
    """Return the keys of each reference whose identities may change: that is new, is back, or is told other ones."""
    return {
        each.reference: keys_of(each.identities)
        for each in wanted
        if each.identities is not None and not _settled(roster.get(each.reference), each)
    }


def _settled(known: Known | None, wanted: Wanted) -> bool:
    """Tell whether nothing is said of identities that has not been acted upon, or who is meant has left."""
    if known is None:
        return False
    return not wanted.active or (known.active and set(known.identities) == set(wanted.identities or ()))
