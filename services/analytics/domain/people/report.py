"""A plan as people read it: numbers, and a bounded list by reference, never by name."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from services.analytics.domain.people.plan import Change, Plan
from services.analytics.domain.people.wanted import Membership

MOST = 200
"""So many changes, teams and matches are listed at most; the numbers count all."""

_COUNTED = (
    "people_added", "people_changed", "people_returned", "people_left", "identities_linked", "identities_moved",
    "identities_unlinked", "identities_kept", "memberships_opened", "memberships_closed", "memberships_corrected",
    "teams_added", "teams_renamed", "teams_moved", "matches_proposed", "aliases_merged",
)  # fmt: skip


def report(plan: Plan) -> dict[str, Any]:
    """Return the numbers of a plan and its first changes."""
    counts = Counter(dict.fromkeys(_COUNTED, 0))
    told = [_told(change) for change in plan.changes]
    for each in told:
        counts[f"people_{each['change']}"] += 1
        counts.update({name: each[name] for name in _COUNTED if name in each})
    counts.update(f"teams_{what}" for change in plan.teams for what in change.changes)
    counts["matches_proposed"], counts["aliases_merged"] = len(plan.proposed), len(plan.surely)
    return {
        "counts": {**counts, "people_unchanged": plan.unchanged},
        "changes": told[:MOST],
        "teams": [{"team": each.team.team, "change": list(each.changes)} for each in plan.teams[:MOST]],
        "matches": [
            {"reference": each.reference, "other": each.other, "reason": each.reason, "identity": each.kind}
            for each in plan.proposed[:MOST]
        ],
        "more": max(0, len(told) - MOST),
    }


def _told(change: Change) -> dict[str, Any]:
    return {
        "reference": change.reference,
        "change": change.what,
        "identities_linked": len(change.link),
        "identities_moved": len(change.move),
        "identities_unlinked": len(change.unlink),
        "identities_kept": change.kept,
        **_memberships(change),
    }


def _memberships(change: Change) -> Mapping[str, int]:
    """Return how many memberships begin, end, and turn out to have been otherwise."""
    before = {(each.place, each.since): each for each in change.gone}
    closed = sum(_closes(before.get((each.place, each.since)), each) for each in change.come)
    places = {each.place for each in change.gone}
    opened = sum(each.place not in places for each in change.come)
    return {
        "memberships_opened": opened,
        "memberships_closed": closed,
        "memberships_corrected": max(len(change.gone), len(change.come) - opened) - closed,
    }


def _closes(before: Membership | None, after: Membership) -> bool:
    if before is None or after.until is None:
        return False
    return before.until is None or after.until < before.until
