"""Who gets a stretch of time (MIX.md 1, rules 11 and 12)."""

from services.analytics.domain.minutes.facts import Claimed, Fact, Held
from services.analytics.domain.minutes.stretches import Stretch, stretches

MINUTE = 60_000_000


def claim(sid, mode, start, end, known="reported", since=None, role="learner"):
    claimed = Claimed(start * MINUTE, end * MINUTE, known, None if since is None else since * MINUTE, True)
    fact = Fact(
        sid, "p", None, role, mode, "r", None, "s", end * MINUTE, frozenset(), 0, 0, "", 0, 1, 1, "other", False
    )
    return Held(fact, claimed)


def told(*held, **more):
    """The stretches in minutes, as (start, end, mode, statement)."""
    return [(s.start_us // MINUTE, s.end_us // MINUTE, s.mode, s.statement) for s in stretches(held, **more)]


def test_no_claims_no_stretches():
    assert stretches([]) == []
    assert stretches([claim("a", "formal", 5, 5, "none")]) == []
    assert stretches([claim("a", "not_learning", 0, 5)]) == []


def test_a_job_aid_inside_a_course_takes_its_minutes_from_it():
    assert told(claim("course", "formal", 0, 30), claim("aid", "experiential", 10, 13)) == [
        (0, 10, "formal", "course"),
        (10, 13, "experiential", "aid"),
        (13, 30, "formal", "course"),
    ]


def test_the_shortest_whole_claim_wins_where_they_overlap():
    assert told(claim("long", "experiential", 0, 60), claim("short", "formal", 50, 70)) == [
        (0, 50, "experiential", "long"),
        (50, 70, "formal", "short"),
    ]


def test_of_equal_lengths_the_better_known_then_the_rarer_mode_then_the_id_wins():
    assert told(claim("b", "formal", 0, 9), claim("a", "experiential", 0, 9, "session")) == [(0, 9, "formal", "b")]
    assert told(claim("b", "formal", 0, 9, "session"), claim("a", "social", 0, 9, "default")) == [(0, 9, "formal", "b")]
    assert told(claim("a", "formal", 0, 9), claim("b", "social", 0, 9)) == [(0, 9, "social", "b")]
    assert told(claim("a", "social", 0, 9), claim("b", "experiential", 0, 9)) == [(0, 9, "experiential", "b")]
    assert told(claim("b", "social", 0, 9), claim("a", "social", 0, 9)) == [(0, 9, "social", "a")]


def test_unclassified_time_is_kept_apart_and_takes_nothing_from_the_classified():
    assert told(claim("what", "unclassified", 10, 12), claim("course", "formal", 0, 30)) == [
        (0, 30, "formal", "course")
    ]
    assert told(claim("what", "unclassified", 0, 60), claim("aid", "experiential", 0, 10)) == [
        (0, 10, "experiential", "aid"),
        (10, 60, "unclassified", "what"),
    ]


def test_a_stretch_is_as_well_known_as_the_best_claim_of_its_mode_there():
    found = stretches([claim("short", "formal", 10, 15, "default"), claim("long", "formal", 0, 20)])
    assert [(s.known, s.statement) for s in found] == [
        ("reported", "long"),
        ("reported", "short"),
        ("reported", "long"),
    ]
    apart = stretches([claim("short", "social", 10, 15, "default"), claim("long", "formal", 0, 20)])
    assert [s.known for s in apart] == ["reported", "default", "reported"]


def test_measured_is_a_fold_of_its_own():
    held = [claim("short", "social", 10, 12, "default"), claim("long", "formal", 0, 30)]
    assert told(*held, fold="measured") == [(0, 30, "formal", "long")]


def test_the_time_since_the_previous_statement_is_a_shorter_claim_of_its_own():
    held = [claim("session", "formal", 0, 60, "session", since=55), claim("aid", "experiential", 50, 58)]
    assert told(*held) == [
        (0, 50, "formal", "session"),
        (50, 55, "experiential", "aid"),
        (55, 60, "formal", "session"),
    ]


def test_time_given_never_competes():
    held = [claim("course", "formal", 0, 30), claim("coaching", "social", 10, 20, role="coach")]
    assert told(*held) == [(0, 30, "formal", "course")]
    assert told(*held, given=True) == [(10, 20, "social", "coaching")]


def test_neighbours_are_joined_and_gaps_are_kept():
    found = stretches([claim("a", "formal", 0, 5), claim("b", "formal", 7, 9), claim("z", "formal", 0, 5)])
    assert found == [
        Stretch(0, 5 * MINUTE, "formal", "reported", "a"),
        Stretch(7 * MINUTE, 9 * MINUTE, "formal", "reported", "b"),
    ]
