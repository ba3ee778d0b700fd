"""What a credential may do. The xAPI scopes are those of the specification (1.0.3, part 3, 4.2).

`all` is the widest xAPI scope and contains no other kind: figures about people are never given along with a
right to send statements (law 9).
"""

from enum import StrEnum


class Scope(StrEnum):
    """A scope of a credential."""

    ALL = "all"
    """Everything of xAPI."""
    ALL_READ = "all/read"
    """Every read of xAPI."""
    STATEMENTS_WRITE = "statements/write"
    STATEMENTS_READ = "statements/read"
    STATEMENTS_READ_MINE = "statements/read/mine"
    STATE = "state"
    DEFINE = "define"
    PROFILE = "profile"
    ANALYTICS_READ = "analytics/read"
    """Figures of groups of people."""
    ANALYTICS_WRITE = "analytics/write"
    """What an organisation says of itself: its registry and its targets."""
    PEOPLE_READ = "people/read"
    """One person's figures: an app's door, which names the viewer of each request."""
    PEOPLE_WRITE = "people/write"
    """Who belongs to the organisation, and which persons are one: imports, SCIM, merges. No figures."""
    RECOMMEND_READ = "recommend/read"
    """One person's suggestions, likewise."""


DEFAULT = frozenset({Scope.ALL})
EVERYTHING = frozenset(
    {
        Scope.ALL,
        Scope.ANALYTICS_READ,
        Scope.ANALYTICS_WRITE,
        Scope.PEOPLE_READ,
        Scope.PEOPLE_WRITE,
        Scope.RECOMMEND_READ,
    }
)
"""What the first credential of `make up` has."""

_CONTAINED: dict[Scope, frozenset[Scope]] = {
    Scope.STATEMENTS_WRITE: frozenset({Scope.ALL}),
    Scope.STATEMENTS_READ: frozenset({Scope.ALL, Scope.ALL_READ}),
    Scope.STATEMENTS_READ_MINE: frozenset({Scope.ALL, Scope.ALL_READ, Scope.STATEMENTS_READ}),
    Scope.STATE: frozenset({Scope.ALL}),
    Scope.DEFINE: frozenset({Scope.ALL}),
    Scope.PROFILE: frozenset({Scope.ALL}),
    Scope.ALL_READ: frozenset({Scope.ALL}),
}


def allows(scopes: frozenset[Scope], wanted: Scope) -> bool:
    """Tell whether a credential with these scopes may do what needs `wanted`."""
    return wanted in scopes or bool(scopes & _CONTAINED.get(wanted, frozenset()))
