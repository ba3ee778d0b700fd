"""Memberships in time: what an organisation says of now, laid over what is known of before.

An HR file is a picture of today. Whoever was in another team yesterday was there until today, or until the day from
which the file says that it is otherwise. What has ended is not rewritten, but by a file that tells all of it. The same
picture again changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from services.analytics.domain.people.wanted import Membership, Stay


def as_told(stays: Iterable[Stay], today: date) -> tuple[Membership, ...]:
    """Return the memberships of somebody all of whose stays are told, each with its beginning."""
    return _sorted(_begun(stay, stay.since or today) for stay in stays)


def as_of(known: Sequence[Membership], stays: Sequence[Stay], today: date, first: date) -> tuple[Membership, ...]:
    """Return the memberships when these stays are all there are now; `known` is what was known before.

    `first` is when a stay began of whose beginning nothing is known, when nothing is known of the person either.
    """
    past = [each for each in known if each.until is not None and each.until <= today]
    going_on = sorted((each for each in known if each not in past), key=lambda each: each.since)
    kept, new = [], []
    for stay in stays:
        same = next((each for each in going_on if each.place == stay.place), None)
        if same is None or _is_future(same, today):
            new.append(stay)
        else:
            going_on.remove(same)
            kept.append((stay, same))
    until = min([_turn(stay, going_on, today) for stay in new], default=today)
    past += [_ended(each, until) for each in going_on if each.since < until and not _is_future(each, today)]
    floor = max((each.until for each in past if each.until is not None), default=None)
    after = [_begun(stay, _since(stay, same.since, floor, today)) for stay, same in kept]
    after += [_begun(stay, _beginning(stay, floor, today, first)) for stay in new]
    return _sorted([*past, *(each for each in after if each.until is None or each.until > each.since)])


def ended(known: Sequence[Membership], on: date) -> tuple[Membership, ...]:
    """Return the memberships of somebody who is gone from that day on."""
    return _sorted(_ended(each, on) for each in known if each.since < on)


def _turn(stay: Stay, going_on: Sequence[Membership], today: date) -> date:
    """Return the day on which what goes on gives way to a new stay."""
    began = max((each.since for each in going_on if not _is_future(each, today)), default=None)
    if stay.since is not None and (began is None or stay.since > began):
        return stay.since
    return today  # the day on which somebody was hired says nothing about when the team changed


def _since(stay: Stay, known: date, floor: date | None, today: date) -> date:
    """Return when a stay began that is known already: what is told now, unless something else was there then."""
    if stay.since is None or stay.since > today or (floor is not None and stay.since < floor):
        return known
    return stay.since


def _beginning(stay: Stay, floor: date | None, today: date, first: date) -> date:
    """Return when a stay began that is new."""
    if stay.since is not None and (floor is None or stay.since >= floor):
        return stay.since
    over = stay.until is not None and stay.until <= today
    return first if floor is None and not over else today


def _is_future(membership: Membership, today: date) -> bool:
    return membership.since > today


def _begun(stay: Stay, since: date) -> Membership:
    return Membership(*stay.place, since, stay.until)


def _ended(membership: Membership, on: date) -> Membership:
    until = on if membership.until is None else min(on, membership.until)
    return membership._replace(until=until)


def _sorted(memberships: Iterable[Membership]) -> tuple[Membership, ...]:
    return tuple(sorted(set(memberships), key=lambda each: (each.since, each.team, each.until or date.max, str(each))))
