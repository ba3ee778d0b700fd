"""Sums as they are told: shares, how minutes are known, and what is not visible."""

from services.analytics.domain.figures import figures, flags
from services.analytics.domain.minutes.sums import DaySum

MINUTE = 60_000_000
ALL = dict.fromkeys(("formal", "social", "experiential"), True)
SUMS = {
    "formal": DaySum(
        minutes_us=30 * MINUTE,
        measured_us=20 * MINUTE,
        reported_us=15 * MINUTE,
        session_us=5 * MINUTE,
        default_us=10 * MINUTE,
        halved_us=25 * MINUTE,
        doubled_us=40 * MINUTE,
        events=4,
        moments=2,
        disbelieved=1,
        defaults=1,
        untimed=2,
    ),
    "social": DaySum(minutes_us=10 * MINUTE, measured_us=10 * MINUTE, reported_us=10 * MINUTE, halved_us=10 * MINUTE,
                     doubled_us=10 * MINUTE, events=1, moments=1),
    "unclassified": DaySum(minutes_us=7 * MINUTE, events=3, moments=3, arrival=3),
    "not_learning": DaySum(events=9, arrival=2),
}  # fmt: skip


def test_shares_are_of_the_three_modes_and_of_what_is_asked():
    assert figures(SUMS, ALL)["share"] == {"formal": 0.75, "social": 0.25, "experiential": 0.0}
    assert figures(SUMS, ALL, "moments")["share"] == {"formal": 0.666667, "social": 0.333333, "experiential": 0.0}
    assert figures(SUMS, ALL, "events")["share"] == {"formal": 0.8, "social": 0.2, "experiential": 0.0}


def test_shares_are_told_with_defaults_halved_and_doubled():
    told = figures(SUMS, ALL)["share_with_defaults"]
    assert told["halved"] == {"formal": 0.714286, "social": 0.285714, "experiential": 0.0}
    assert told["doubled"] == {"formal": 0.8, "social": 0.2, "experiential": 0.0}


def test_how_minutes_are_known_is_told_per_mode():
    told = figures(SUMS, ALL)["coverage"]
    assert told["formal"] == {"reported": 0.5, "session": 0.166667, "default": 0.333333}
    assert told["experiential"] is None


def test_while_a_mode_is_not_visible_there_is_no_share():
    told = figures(SUMS, ALL | {"experiential": False})
    assert (told["share"], told["share_with_defaults"]) == (None, None)
    assert told["minutes"]["formal"] == 30


def test_unclassified_and_not_learning_stand_beside_the_mix():
    told = figures(SUMS, ALL)
    assert (told["unclassified"], told["unclassified_minutes"], told["not_learning"]) == (3, 7, 9)


def test_what_is_odd_is_counted_but_for_what_is_no_learning():
    assert flags(SUMS) == {"disbelieved": 1, "arrival": 3, "defaults": 1, "no_duration": 2}


def test_nothing_has_no_share():
    told = figures({}, ALL)
    assert told["share"] is None
    assert told["minutes"] == {"formal": 0, "social": 0, "experiential": 0}
