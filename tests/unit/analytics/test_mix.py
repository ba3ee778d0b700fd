"""The figures of the contract, from claims."""

import pytest

from services.analytics.domain.claims import Claim
from services.analytics.domain.mix import Band, figures, minutes_in, mix, tally
from services.analytics.domain.stretches import stretches

MINUTE = 60_000_000
FAR = 10**6 * MINUTE


def claim(sid, mode, start, end, flags=()):
    known = "reported" if end > start else "none"
    return Claim(sid, "p", mode, end * MINUTE, start * MINUTE, end * MINUTE, known, frozenset(flags))


COURSE = claim("course", "formal", 0, 30)
AID = claim("aid", "experiential", 10, 13)


def whole(claims, **more):
    return mix(claims, since_us=0, until_us=FAR, horizon_us=FAR, **more)


def test_a_person_of_whom_nothing_is_recorded():
    assert whole([]) == {
        "minutes": {"formal": 0, "social": 0, "experiential": 0},
        "events": {"formal": 0, "social": 0, "experiential": 0},
        "share": None,
        "target": None,
        "gap": None,
        "unclassified": 0,
        "unclassified_minutes": 0,
        "not_learning": 0,
        "flags": {"disbelieved": 0, "arrival": 0, "no_duration": 0, "future": 0},
    }


def test_minutes_events_and_shares():
    found = whole([COURSE, AID, AID, claim("enrolled", "not_learning", 5, 5), claim("what", "unclassified", 29, 35)])
    assert found["minutes"] == {"formal": 27, "social": 0, "experiential": 3}
    assert found["events"] == {"formal": 1, "social": 0, "experiential": 1}
    assert found["share"] == {"formal": 0.9, "social": 0, "experiential": 0.1}
    assert (found["unclassified"], found["unclassified_minutes"], found["not_learning"]) == (1, 5, 1)


def test_events_without_any_minutes_have_no_shares():
    found = whole([claim("post", "social", 5, 5)], bands={"social": Band(10, 20)})
    assert (found["share"], found["gap"], found["events"]["social"]) == (None, None, 1)
    assert found["target"] == {"social": {"low": 10, "high": 20}}


def test_gaps_are_percentage_points_to_the_nearest_edge_of_the_band():
    bands = {"formal": Band(10, 30), "social": Band(20, 40), "experiential": Band(10, 70)}
    found = whole([COURSE, AID], bands=bands)
    assert found["gap"] == {"formal": 60, "social": -20, "experiential": 0}
    assert whole([COURSE], bands={"formal": Band(0, 99.5)})["gap"] == {"formal": 0.5}


@pytest.mark.parametrize(("low", "high"), [(-1, 5), (5, 4), (50, 101)])
def test_a_band_lies_within_a_hundred_per_cent(low, high):
    with pytest.raises(ValueError, match="band"):
        Band(low, high)


def test_thirds_are_rounded_once():
    found = figures({"formal": 20_000_000, "social": 40_000_000}, tally([], 0, 1, 1))
    assert found["minutes"] == {"formal": 0.333333, "social": 0.666667, "experiential": 0}
    assert found["share"] == {"formal": 0.333333, "social": 0.666667, "experiential": 0}


def test_a_window_cuts_stretches_and_counts_the_events_whose_moment_it_holds():
    found = mix([COURSE, AID], since_us=12 * MINUTE, until_us=30 * MINUTE, horizon_us=FAR)
    assert found["minutes"] == {"formal": 17, "social": 0, "experiential": 1}
    assert found["events"] == {"formal": 0, "social": 0, "experiential": 1}  # 30 itself is outside: until is exclusive
    later = mix([COURSE, AID], since_us=30 * MINUTE, until_us=31 * MINUTE, horizon_us=FAR)
    assert (later["events"]["formal"], later["minutes"]["formal"]) == (1, 0)


def test_an_answer_stops_at_the_end_of_today_and_says_how_much_lies_beyond():
    found = mix([COURSE, AID], since_us=0, until_us=FAR, horizon_us=20 * MINUTE)
    assert (found["minutes"]["formal"], found["minutes"]["experiential"]) == (17, 3)
    assert found["events"] == {"formal": 0, "social": 0, "experiential": 1}
    assert found["flags"]["future"] == 1


def test_what_is_odd_is_counted():
    claims = [
        claim("a", "formal", 5, 5, ["disbelieved"]),
        claim("b", "formal", 5, 5, ["arrival"]),
        claim("c", "formal", 0, 5, ["arrival"]),
        claim("d", "not_learning", 5, 5),
        claim("e", "unclassified", 5, 5),
    ]
    assert whole(claims)["flags"] == {"disbelieved": 1, "arrival": 2, "no_duration": 2, "future": 0}


def test_an_empty_or_reversed_window_holds_nothing():
    assert minutes_in(stretches([COURSE]), 20 * MINUTE, 10 * MINUTE) == {"formal": 0}
