"""Changes to a registry, what they would move, and what may be told of that."""

from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.few import K, part_told, people_told, shown, size, told
from services.analytics.domain.moves import Moves
from services.analytics.domain.registry_file import EMPTY, difference, entries, with_entry, without_entry

JOB_AID = {"id_prefix": "https://intranet.example.nl/kb/", "mode": "experiential", "support": "extrinsic"}
WIKI = {"platform": "Zorgwiki", "mode": "social"}

things = st.fixed_dictionaries(
    {"mode": st.sampled_from(["formal", "social"])},
    optional={
        "id_prefix": st.sampled_from(["https://a/", "https://b/"]),
        "verbs": st.sampled_from([["https://v/1"], ["https://v/1", "https://v/2"], ["https://v/2", "https://v/1"]]),
    },
).filter(lambda entry: len(entry) > 1)


def filled(found):
    registry = EMPTY
    for each in found:
        registry = with_entry(registry, "things", each)
    return registry


@given(st.lists(things), things)
def test_an_entry_replaces_the_one_with_its_selectors(found, entry) -> None:
    before = filled(found)
    after = with_entry(before, "things", entry)
    assert entry in after["things"]
    assert with_entry(after, "things", entry) == after
    without = without_entry(after, "things", entry)
    assert without is not None
    assert len(without["things"]) == len(after["things"]) - 1
    assert without_entry(without, "things", entry) is None


@given(st.lists(things), st.lists(things))
def test_a_difference_is_what_leads_from_one_to_the_other(one, other) -> None:
    before, after = filled(one), filled(other)
    change = difference(before, after)
    left = [each for each in before["things"] if ("things", each) not in change.removed]
    reached = [*left, *(entry for _, entry in change.added)]
    assert sorted(sorted(map(str, each.items())) for each in reached) == sorted(
        sorted(map(str, each.items())) for each in after["things"]
    )
    assert bool(change) == bool(difference(after, before))


def test_the_first_entry_and_the_last() -> None:
    registry = with_entry(with_entry(EMPTY, "things", JOB_AID), "places", WIKI)
    assert registry == {"registry": 1, "things": [JOB_AID], "places": [WIKI]}
    assert without_entry(registry, "places", {"platform": "Zorgwiki"}) == {**registry, "places": []}
    assert without_entry(registry, "things", {"id_prefix": "https://intranet.example.nl/"}) is None
    assert entries({"registry": 1}, "things") == []


groups = st.lists(st.frozensets(st.sampled_from("abcdefghijklm"), min_size=1), max_size=8)


@given(groups, st.integers(1, 8))
def test_no_part_and_no_remainder_is_of_few(found, most: int) -> None:
    ranked = list(enumerate(found))
    kept = shown(ranked, most)
    assert len(kept) <= most
    assert all(len(found[place]) >= K for place in kept)
    left = {one for place, people in ranked if place not in kept for one in people}
    assert not kept or not 0 < len(left) < K


def test_numbers_of_few_are_not_told() -> None:
    assert [people_told(each) for each in (0, 1, 4, 5, 6, 11)] == [0, "<5", "<5", 5, 5, 10]
    assert [told(7, each) for each in (0, 1, 4, 5)] == [5, None, None, 5]
    assert [part_told(part, 10) for part in (0, 1, 5, 6, 10)] == [0, None, 5, None, 10]


def test_sizes_are_the_last_of_a_scale_that_is_reached() -> None:
    assert [size(each) for each in (0, 0.5, 4, 5, 9.99, 10, 19, 20, 49, 50, 99, 618, 1999.9)] == [
        *(0, 0, 0, 5, 5, 10, 10, 20, 20, 50, 50, 500),
        1000,
    ]
    assert size(620) == size(618)


def people(numbers):
    return [f"p{number}" for number in numbers]


def test_moves_are_told_without_giving_anybody_away() -> None:
    moves = Moves()
    for number in range(6):
        moves.add("formal", "experiential", people([number]), "https://a/", "https://t/aid")
    for number in range(4):
        moves.add("unclassified", "experiential", people([number]), "https://a/", "")
    assert moves.told(str) == [
        {
            "from": "formal",
            "to": "experiential",
            "statements": 5,
            "people": 5,
            "id_prefixes": [{"value": "https://a/", "statements": 5}],
            "activity_types": [{"value": "https://t/aid", "statements": 5}],
        },
        {
            "from": "unclassified",
            "to": "experiential",
            "statements": None,
            "people": "<5",
            "id_prefixes": [],
            "activity_types": [],
        },
    ]
    assert moves.identities() == set(people(range(6)))


def test_identities_of_one_person_are_one() -> None:
    moves = Moves()
    for number in range(6):
        moves.add("formal", "social", people([number]), "https://a/", "")
    assert moves.told(lambda identity: identity)[0]["people"] == 5
    assert moves.told(lambda identity: "anna")[0]["people"] == "<5"


def test_a_prefix_is_not_told_when_the_rest_would_be_of_few() -> None:
    moves = Moves()
    for number in range(6):
        moves.add("formal", "social", people([number]), "https://a/", "")
    moves.add("formal", "social", people([9]), "https://anna/", "")
    assert moves.told(str)[0]["id_prefixes"] == []
    for number in range(10, 14):
        moves.add("formal", "social", people([number]), "", "")
    assert moves.told(str)[0]["id_prefixes"] == [{"value": "https://a/", "statements": 5}]
