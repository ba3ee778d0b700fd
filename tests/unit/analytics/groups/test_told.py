"""What is told of a group: parts, certainty, quartiles, marks and sight, and that it is kept as it is."""

from dataclasses import replace
from datetime import date

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.analytics.domain.groups import keeping
from services.analytics.domain.groups.contribution import Certainty, Contribution, Leaf, Part
from services.analytics.domain.groups.figures import figures, part, support
from services.analytics.domain.groups.group import Group, Hidden, group
from services.analytics.domain.groups.marks import Mark, reading_marks, source_marks
from services.analytics.domain.groups.month import Month
from services.analytics.domain.groups.places import ROOT, Place, Tree
from services.analytics.domain.groups.quartiles import Taking, quartiles
from services.analytics.domain.groups.release import release
from services.analytics.domain.groups.sight import Connected, Source, sight
from tests.unit.analytics.groups.reckoning import Term, few
from tests.unit.analytics.groups.worlds import READ_BY, Firm, published, simple

K = 5
NOBODY: Tree = Tree({})
ALL = {"formal": True, "social": True, "experiential": True}
MINUTE = 60_000_000


def first(people: dict[str, Contribution], tree: Tree = NOBODY, places: dict[str, Place] | None = None) -> Month:
    return release(None, people, places or {}, tree, read_by=READ_BY, k=K, at="2026-04-01")


def told(month: Month, node: str = ROOT, tree: Tree = NOBODY) -> Group:
    found = group(published(month, K), node, tree, K)
    assert isinstance(found, Group)
    return found


def numbered(count: int, *more: Contribution) -> dict[str, Contribution]:
    people = {f"p{n:02}": simple(f"p{n:02}", minutes=(n + 1) * MINUTE) for n in range(count)}
    return people | {f"q{n:02}": each for n, each in enumerate(more)}


def test_a_whole_is_pooled():
    people = {
        **{f"p{n}": simple(f"p{n}", "formal", 120 * MINUTE) for n in range(5)},
        **{f"q{n}": simple(f"q{n}", "experiential", 4 * MINUTE, source="aid") for n in range(5)},
    }
    of = figures(told(first(people)), ALL, "minutes")
    assert of.share == {"formal": 0.967742, "social": 0, "experiential": 0.032258}
    assert (of.people, of.minutes, of.few) == (10, {"formal": 600, "social": 0, "experiential": 20}, [])
    assert figures(told(first(people)), ALL | {"social": False}, "minutes").share is None
    assert figures(told(first(people)), ALL, "events").share["formal"] == 0.5


def test_performance_support_is_a_segment_with_uses_and_people():
    leaf = Leaf("experiential", "aid", "entry", support=True)
    heads = {Leaf("people"): Part(0, 1, 0), Leaf("reached"): Part(0, 1, 0)}
    people = {f"p{n}": Contribution({leaf: Part(3 * MINUTE, 2, 1)} | heads, {}) for n in range(6)}
    others = {f"q{n}": simple(f"q{n}", "experiential", MINUTE, source="wiki") for n in range(5)}
    of = support(told(first(people | others)))
    assert (of.uses, of.people, of.minutes) == (12, 6, 18)
    # With three others the six could be reckoned from: no support is told, and no source.
    few_others = told(first(people | dict(list(others.items())[:3])))
    assert support(few_others) is None
    assert part(few_others, "source", "aid", ALL, "minutes") is None


def test_what_is_hidden_is_of_k_or_the_next_smallest_joins():
    people = {f"p{n:02}": simple(f"p{n:02}", source="abc"[min(n // 7, 2)], rule="r") for n in range(16)}
    of = told(first(people))
    assert list(of.ways["source"]) == ["b"]  # c has two; the smallest of the others joins it, of equals the first id
    assert of.untold["source"] == {"a", "c"}


def known(person: str, **how: int) -> Contribution:
    """Somebody with formal minutes that are known so, as numbers that remember what they are sums of."""
    parts = {name: Term(minutes, {(person, name): 1}) for name, minutes in how.items() if minutes}
    total = sum(parts.values(), Term(0, {}))
    leaves = {Leaf("formal", "lms", "r"): Part(total, 1, 1), Leaf("people"): Part(0, 1, 0)}
    return Contribution(
        leaves, {"formal": Certainty(*(parts.get(name, 0) for name in ("reported", "session", "default")))}
    )


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_how_minutes_are_known_tells_of_nobody(data):
    k = 3
    teams = data.draw(st.integers(1, 4))
    tree = Tree({f"t{n}": None for n in range(teams)})
    often = data.draw(st.tuples(*[st.sampled_from([0.1, 0.5, 0.9])] * 3))
    draw = data.draw(st.randoms(use_true_random=False))
    people: dict[str, Contribution] = {}
    places = {}
    for n in range(data.draw(st.integers(6, 22))):
        how = {
            name: draw.randint(1, 90) if draw.random() < p else 0
            for name, p in zip(("reported", "session", "default"), often, strict=True)
        }
        if any(how.values()):
            people[f"p{n:02}"], places[f"p{n:02}"] = known(f"p{n:02}", **how), Place(f"t{n % teams}")
    month = release(None, people, places, tree, read_by=READ_BY, k=k, at="2026-04-01")
    numbers: list[int] = []
    for node in (ROOT, *tree.parents):
        of = group(published(month, k), node, tree, k)
        if isinstance(of, Group):
            numbers.append(of.kinds["formal"].minutes_us)
            numbers += of.certainty["formal"][:3] if "formal" in of.certainty else []
    assert few(numbers, k) is None


def test_coverage_is_told_in_whole_per_cent():
    people = {f"p{n}": known(f"p{n}", reported=2, session=1) for n in range(6)}
    of = figures(told(first(people)), ALL, "minutes")
    assert of.coverage["formal"] == {"reported": 0.67, "session": 0.33, "default": 0}
    people["p0"] = known("p0", reported=2, default=1)
    assert figures(told(first(people)), ALL, "minutes").coverage["formal"] is None


def test_quartiles_are_means_of_k_from_4k_people():
    assert told(first(numbered(19))).quartiles == {}
    assert told(first(numbered(21))).quartiles["formal"] == (6 * MINUTE, 11 * MINUTE, 16 * MINUTE)


def test_nobody_is_taken_from_a_cell_that_needs_its_people():
    minutes = {f"p{n:02}": n for n in range(20)}
    cells = {person: [int(person > "p14")] for person in minutes}
    free = set(minutes)
    assert quartiles(minutes, Taking(set(free), cells, {0: 15, 1: 5}), K) is not None
    taking = Taking(set(free), cells, {0: 15, 1: 0})
    assert quartiles(minutes, taking, K) is None
    assert (taking.free, taking.spare) == (free, {0: 15, 1: 0})  # whoever was taken is given back


def test_a_team_that_is_too_small_is_told_with_others():
    tree = Tree({"a": None, "b": None, "c": None})
    people = numbered(15)
    places = {f"p{n:02}": Place("a" if n < 4 else "b" if n < 10 else "c") for n in range(15)}
    month = first(people, tree, places)
    assert told(month, "b", tree).people == 6
    small = group(published(month, K), "a", tree, K)
    assert isinstance(small, Hidden)
    assert (small.units, small.pool.people, small.pool.roster) == ({"a", "c"}, 9, 9)
    assert told(month).roster == 15
    assert group(published(first({}), K), ROOT, NOBODY, K) == Hidden()


def test_months_and_groups_are_kept_as_they_are():
    firm = Firm(7, 40, 5)
    month = None
    for day in range(3):
        month = release(
            month, firm.contributions(), firm.places, firm.tree, read_by=READ_BY, k=3, at=f"2026-04-0{day + 1}"
        )
        firm.day()
    for kind, rows in month.rows.items():
        for row in rows:
            assert keeping.row(kind, sorted(row.blocks), _json(keeping.row_json(row))) == row
    for record in month.people.values():
        assert keeping.record(_json(keeping.record_json(record))) == record
    whole = group(published(month, 3), ROOT, firm.tree, 3)
    assert keeping.group(_json(keeping.group_json(whole))) == whole


def _json(data):
    return orjson.loads(orjson.dumps(data, default=lambda each: int(each) if isinstance(each, int) else list(each)))


def test_marks_tell_of_sources_and_readings_and_not_of_few():
    january, february, march = (date(2026, month, 1) for month in (1, 2, 3))
    one = told(first({f"p{n}": simple(f"p{n}") for n in range(6)}))
    two = told(first({f"p{n}": simple(f"p{n}", source="a" if n < 6 else "lms") for n in range(12)}))
    some = told(first({f"p{n}": simple(f"p{n}", source="few" if n < 2 else "lms") for n in range(12)}))
    assert source_marks({january: one, february: two, march: one}) == [
        Mark(february, "source_joined", "a"),
        Mark(march, "source_left", "a"),
    ]
    assert source_marks({january: one, february: some, march: one}) == []
    assert source_marks({january: one, february: None, march: two}) == []
    assert reading_marks([(march, "2", 3), (january, "1", 0), (february, "1", 3)]) == [
        Mark(february, "registry", "3"),
        Mark(march, "rule_set", "2"),
    ]


@pytest.mark.parametrize(
    ("kinds", "places", "expected"),
    [
        ({"lms": "lms"}, [], {"formal": True, "social": False, "experiential": False}),
        ({"lms": "lms"}, [("", "experiential")], {"formal": True, "social": False, "experiential": True}),
        ({"x": "other"}, [], ALL),
    ],
)
def test_what_no_source_shows_is_not_visible(kinds, places, expected):
    assert Connected(kinds, places).visible(None) == expected


def test_sight_tells_whom_a_source_reaches_in_steps_of_k():
    of = told(first({f"p{n}": simple(f"p{n}") for n in range(8)}))
    seen = sight(of, Connected({"lms": "lms", "wiki": "social"}, [("wiki", "formal")]))
    assert seen["formal"] == [Source("lms", "lms", 5), Source("wiki", "social", 0)]
    assert seen["social"] == [Source("wiki", "social", 0)]


@pytest.mark.parametrize("running", [True, False])
def test_a_running_month_splits_a_block_once_enough_people_are_new_in_each_part(running):
    tree = Tree(dict.fromkeys("abcd"))
    places = {f"p{n:02}": Place("abcd"[n % 4]) for n in range(40)}
    early = {f"p{n:02}": simple(f"p{n:02}") for n in range(8)}
    month = first(early, tree, places)
    assert [sorted(block.units) for block in month.blocks] == [["a", "b", "c", "d"]]
    late = {f"p{n:02}": simple(f"p{n:02}", minutes=31) for n in range(39)}
    month = release(month, late, places, tree, read_by=READ_BY, k=K, at="2026-04-02", running=running)
    assert len(month.blocks) == (4 if running else 1)
    assert told(month, ROOT, tree).people == 39
    if running:
        assert told(month, "d", tree).people == 9


def test_a_told_month_is_divided_when_teams_are_known_only_later():
    tree = Tree(dict.fromkeys("abc"))
    places = {f"p{n:02}": Place("a" if n < 7 else "b" if n < 10 else "c") for n in range(17)}
    people = {f"p{n:02}": simple(f"p{n:02}") for n in range(17)}
    month = first(people)
    assert [sorted(block.units) for block in month.blocks] == [[""]]
    month = release(
        month, people | {"p00": simple("p00", minutes=99)}, places, tree, read_by=READ_BY, k=K, at="2026-04-02"
    )
    assert told(month, "c", tree).people == 7
    small = group(published(month, K), "a", tree, K)
    assert isinstance(small, Hidden)
    assert small.units == {"a", "b"}
    whole = told(month, ROOT, tree)
    assert (whole.people, whole.kinds["formal"].minutes_us) == (17, 17 * 30)  # as told, whatever p00 has now
    assert list(told(month, "c", tree).ways["source"]) == ["lms"]
    assert [told(month, node, tree).seen for node in ("c", ROOT)] == [7, 17]  # there was no roster when it was told


def rostered() -> tuple[dict[str, Contribution], dict[str, Place], Tree]:
    """Six of a and six of b learn; of the three of c, the two of d and who is without a team nobody does."""
    tree = Tree({"a": None, "b": "d", "c": "d", "d": None})
    places = {f"p{n:02}": Place("abcd"[min(n // 6, 3) if n < 15 else 3] if n < 17 else ROOT) for n in range(18)}
    return {f"p{n:02}": simple(f"p{n:02}") for n in range(12)}, places, tree


def test_teams_in_which_nobody_learned_are_on_the_roster_of_what_is_above_them():
    people, places, tree = rostered()
    month = first(people, tree, places)
    assert [told(month, node, tree).roster for node in (ROOT, "a", "b", "d")] == [18, 6, 6, 11]
    assert group(published(month, K), "c", tree, K) == Hidden()


def test_the_roster_is_the_same_while_nobody_joins_or_leaves():
    people, places, tree = rostered()
    month = first(people, tree, places)
    later = {person: each for person, each in people.items() if person != "p03"}  # who objects stays on the roster
    again = release(month, later, places, tree, read_by=READ_BY, k=K, at="2026-04-02")
    assert again.blocks == month.blocks
    assert [told(again, node, tree).roster for node in (ROOT, "a", "b", "d")] == [18, 6, 6, 11]
    joined = release(again, later, places | {"new": Place("c")}, tree, read_by=READ_BY, k=K, at="2026-04-03")
    assert joined.blocks == month.blocks
    assert [told(joined, node, tree).roster for node in (ROOT, "a", "b", "d")] == [19, 6, 6, 12]
    assert joined.rows == again.rows


def test_of_a_pool_the_roster_is_told_of_all_of_it():
    tree = Tree({"a": None, "b": None, "c": None, "d": "a"})
    places = {f"p{n:02}": Place("aabbbbbc"[n // 2] if n < 16 else "d") for n in range(18)}
    people = {f"p{n:02}": simple(f"p{n:02}") for n in range(16)}
    month = first(people, tree, places)
    pools = {node: group(published(month, K), node, tree, K) for node in "abc"}
    assert isinstance(pools["b"], Group)
    assert pools["b"].roster == 10
    assert isinstance(pools["a"], Hidden)
    assert isinstance(pools["c"], Hidden)
    # Nobody of d learned: it is below a, so it is on the roster of what a is told in, and of that alone.
    assert (pools["a"].pool.roster, pools["c"].pool.roster, told(month, ROOT, tree).roster) == (8, 6, 18)
    assert group(published(month, K), "d", tree, K) == Hidden()


def seen_of(people: int, listed: int, others: int = 0) -> tuple[int | None, int | None, int]:
    """People told, of whom on the roster, and the roster, of a firm where so many of `people` are on it."""
    places = {f"p{n:02}": Place(role="nurse") for n in range(listed)} | {f"o{n}": Place() for n in range(others)}
    of = told(first({f"p{n:02}": simple(f"p{n:02}") for n in range(people)}, places=places))
    return of.people, of.seen, of.roster


@pytest.mark.parametrize(
    ("firm", "expected"),
    [
        ((10, 10, 2), (10, 10, 12)),
        ((10, 0, 10), (10, 0, 10)),  # who learns is on no roster, and who is on it does not learn
        ((12, 7), (12, 7, 7)),
        ((10, 7), (10, None, 7)),  # three who are not on it could be reckoned
        ((10, 3), (10, None, 3)),
        ((10, 0), (10, None, 0)),  # there is no roster
    ],
)
def test_people_seen_of_the_roster_are_told_where_the_others_are_none_or_five(firm, expected):
    assert seen_of(*firm) == expected


def test_who_is_put_on_the_roster_alone_changes_nothing_of_what_is_seen():
    places = {f"p{n:02}": Place() for n in range(7)}
    people = {f"p{n:02}": simple(f"p{n:02}") for n in range(12)}
    month = first(people, places=places)
    again = release(month, people, places | {"p07": Place()}, NOBODY, read_by=READ_BY, k=K, at="2026-04-02")
    of = told(again)
    assert (of.people, of.seen, of.roster) == (12, 7, 8)


def test_a_month_that_an_earlier_version_kept_does_not_tell_who_is_on_the_roster():
    month = first({f"p{n:02}": simple(f"p{n:02}") for n in range(6)}, places={f"p{n:02}": Place() for n in range(6)})
    assert told(month).seen == 6
    (row,) = month.rows["people"]
    data = _json(keeping.row_json(row))
    for parts in (data["split"]["told"], data["split"]["rest"]):
        del parts["roster"]
    old = keeping.row("people", sorted(row.blocks), data)
    assert told(replace(month, rows={**month.rows, "people": (old,)})).seen is None
    record = _json(keeping.record_json(month.people["p00"]))
    for each in record["told"].values():
        del each[-1]
    assert keeping.record(record).told["people"][1].listed == ""
    whole = _json(keeping.group_json(told(month)))
    del whole["seen"]
    assert keeping.group(whole).seen is None
