"""Another registry over a month that was told: all modes of a block go over to it, or none does (law 5)."""

import pytest

from schemas.events import MODES
from services.analytics.domain.groups.contribution import Contribution, Leaf, ReadBy
from services.analytics.domain.groups.group import Group, group
from services.analytics.domain.groups.month import Month
from services.analytics.domain.groups.places import ROOT, Place, Tree
from services.analytics.domain.groups.release import release
from tests.unit.analytics.groups.worlds import Values, contributed, published

K = 5
OLD, NEW = ReadBy("rules", 0), ReadBy("rules", 1)
COURSE, AID = Leaf("formal", "lms", "course"), Leaf("experiential", "lms", "thing")
OTHER, TALK, POST = Leaf("formal", "lms", "other"), Leaf("social", "lms", "talk"), Leaf("social", "lms", "post")
UNKNOWN = Leaf("unclassified", "lms", "kind")
TEAMS = Tree({"a": None, "b": None})

People = dict[str, Values]


def everybody(count: int = 12) -> People:
    """Everybody has two courses, and something of each other mode."""
    return {
        f"p{n:02}": {COURSE: (10 + n, 2, 2), OTHER: (30, 2, 2), AID: (5, 1, 1), TALK: (20, 1, 1)} for n in range(count)
    }


def read_anew(people: People, persons: range, leaf: Leaf = COURSE, to: Leaf = AID) -> People:
    """One statement of five minutes that these people have in a leaf is now of another."""
    made = {person: dict(values) for person, values in people.items()}
    for n in persons:
        values = made[f"p{n:02}"]
        (left, events, moments), had = values[leaf], values.get(to, (0, 0, 0))
        values[leaf] = (left - 5, events - 1, moments - 1)
        values[to] = (5 + had[0], 1 + had[1], 1 + had[2])
    return made


def more(people: People, persons: range, leaf: Leaf = OTHER) -> People:
    """These people have done something more."""
    made = {person: dict(values) for person, values in people.items()}
    for n in persons:
        minutes, events, moments = made[f"p{n:02}"].get(leaf, (0, 0, 0))
        made[f"p{n:02}"][leaf] = (minutes + 7 + n, events + 2, moments + 2)
    return made


def told(before: Month | None, people: People, read_by: ReadBy, teams: dict[str, str] | None = None) -> Month:
    made: dict[str, Contribution] = {}
    for person, values in people.items():
        each = contributed(person, values)
        if each is not None:
            made[person] = each
    places = {person: Place(team) for person, team in (teams or {}).items()}
    at = f"2026-04-0{1 + read_by.registry}"
    return release(before, made, places, TEAMS if teams else Tree({}), k=K, at=at, read_by=read_by)


def of(month: Month, node: str = ROOT, tree: Tree = TEAMS) -> Group:
    found = group(published(month, K), node, tree, K)
    assert isinstance(found, Group)
    return found


def minutes(group: Group) -> dict[str, int]:
    return {kind: int(part.minutes_us) for kind, part in group.kinds.items() if kind in MODES}


def recorded(people: People) -> int:
    return sum(each[0] for values in people.values() for each in values.values())


def test_a_month_in_which_few_are_read_anew_is_told_as_it_was():
    first = told(None, everybody(), OLD)
    after = read_anew(everybody(), range(3))
    month = told(first, after, NEW)
    assert minutes(of(month)) == minutes(of(first))
    assert sum(minutes(of(month)).values()) <= recorded(after)
    assert of(month).read_by == (OLD,)
    assert of(month).rules == of(first).rules


def test_a_month_in_which_many_are_read_anew_goes_over_at_once():
    first = told(None, everybody(), OLD)
    after = read_anew(everybody(), range(9))
    month = told(first, after, NEW)
    assert minutes(of(month)) == minutes(of(told(None, after, NEW)))
    assert sum(minutes(of(month)).values()) == recorded(after)
    assert of(month).read_by == (NEW,)
    assert of(month).rules["experiential"] == {"thing": 12 + 9}
    assert sum(of(month).rules["formal"].values()) + of(month).other["formal"] == of(month).kinds["formal"].events


def test_a_rule_that_is_of_another_mode_for_everybody_goes_over_with_all_its_statements():
    first = told(None, everybody(), OLD)
    after = read_anew(read_anew(everybody(), range(12), OTHER), range(12), OTHER)
    after = {person: {leaf: each for leaf, each in values.items() if leaf != OTHER} for person, values in after.items()}
    month = told(first, after, NEW)
    assert of(month).read_by == (NEW,)
    assert minutes(of(month)) == minutes(of(told(None, after, NEW)))
    # But not where three would be left whose statements are what the rules of before do not account for.
    after = everybody() | {person: after[person] for person in sorted(after)[:9]}
    assert of(told(first, after, NEW)).read_by == (OLD,)


def test_a_mode_that_few_gain_lets_all_wait():
    first = told(None, everybody(), OLD)
    after = read_anew(read_anew(everybody(), range(9)), range(9, 12), to=Leaf("social", "lms", "thing"))
    month = told(first, after, NEW)
    assert (minutes(of(month)), of(month).read_by) == (minutes(of(first)), (OLD,))


def test_who_did_something_more_is_not_told_by_the_sum_of_the_modes():
    first = told(None, everybody(), OLD)
    after = more(read_anew(everybody(), range(9)), range(1))
    month = told(first, after, NEW)
    assert of(month).read_by == (OLD,)
    month = told(month, more(after, range(1, 5)), NEW)
    assert of(month).read_by == (NEW,)
    assert sum(minutes(of(month)).values()) == recorded(more(after, range(1, 5)))


def test_a_mode_in_which_few_did_something_more_stands_while_the_others_go_over():
    first = told(None, everybody(), OLD)
    after = more(read_anew(everybody(), range(9)), range(2), TALK)
    month = told(first, after, NEW)
    assert of(month).read_by == (NEW,)
    assert minutes(of(month)) == minutes(of(told(None, read_anew(everybody(), range(9)), NEW)))
    # By a rule of which nothing was told, it may as well come from another mode.
    after = more(read_anew(everybody(), range(9)), range(2), POST)
    assert of(told(first, after, NEW)).read_by == (OLD,)


@pytest.mark.parametrize(("left", "reading", "expected"), [(0, NEW, 0), (2, OLD, 60), (6, NEW, 30)])
def test_what_stands_beside_the_modes_goes_over_with_them(left, reading, expected):
    """Where two were left, they would be what the mode has not gained of what was told to be unclassified."""
    people = {person: values | {UNKNOWN: (5, 1, 1)} for person, values in everybody().items()}
    first = told(None, people, OLD)
    assert of(first).kinds["unclassified"].minutes_us == 60
    month = told(first, read_anew(people, range(12 - left), UNKNOWN), NEW)
    assert (of(month).read_by, of(month).kinds["unclassified"].minutes_us) == ((reading,), expected)
    assert minutes(of(month))["experiential"] == 12 * 5 + (60 - expected)


def test_nor_is_it_told_by_what_stands_beside_the_modes():
    people = {person: values | {UNKNOWN: (5, 1, 1)} for person, values in everybody().items()}
    first = told(None, people, OLD)
    # Whoever adds what was unclassified to what was experiential is left with the one who did more.
    month = told(first, more(read_anew(people, range(12), UNKNOWN), range(1), AID), NEW)
    assert (of(month).read_by, of(month).kinds["unclassified"].minutes_us) == ((OLD,), 60)
    month = told(first, more(read_anew(people, range(12), UNKNOWN), range(6), AID), NEW)
    assert (of(month).read_by, of(month).kinds["unclassified"].minutes_us) == ((NEW,), 0)


def test_parts_are_told_of_what_was_only_read_anew():
    first = told(None, everybody(), OLD)
    assert of(first).rules["formal"] == {"course": 24, "other": 24}
    only = told(first, read_anew(everybody(), range(9)), NEW)
    assert of(only).rules["experiential"] == {"thing": 21}
    busy = told(first, more(read_anew(everybody(), range(9)), range(5, 10)), NEW)
    assert (of(busy).read_by, of(busy).rules["experiential"], of(busy).other["experiential"]) == ((NEW,), {}, 21)


def test_a_team_goes_over_while_another_waits_and_nobody_is_told_in_both():
    people = everybody(24)
    teams = {person: "a" if person < "p12" else "b" for person in people}
    first = told(None, people, OLD, teams)
    after = read_anew(people, range(15))  # twelve of a, three of b
    teams["p12"] = "a"  # who is told in b, under the older registry
    month = told(first, after, NEW, teams)
    assert (of(month, "a").read_by, of(month, "b").read_by, of(month).read_by) == ((NEW,), (OLD,), (OLD, NEW))
    assert minutes(of(month, "b")) == minutes(of(first, "b"))
    assert sum(minutes(of(month)).values()) == recorded(after)


def test_quartiles_are_not_those_of_an_older_reading():
    first = told(None, everybody(24), OLD)
    assert of(first).quartiles.keys() >= {"formal"}
    month = told(first, read_anew(everybody(24), range(10)), NEW)
    assert month.quartiles.keys() == {"social"}
    assert told(first, everybody(24), NEW).quartiles == first.quartiles  # nothing was read anew
