from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.recommend.domain.suggestion import Outcome, Suggestion, is_open, may_follow

OFFERED = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
SUGGESTION = Suggestion("s-1", "task-preview", OFFERED)


@pytest.mark.parametrize(
    ("age", "still"),
    [
        (timedelta(0), True),
        (timedelta(hours=24) - timedelta(microseconds=1), True),
        (timedelta(hours=24), False),
        (timedelta(days=3), False),
        (timedelta(seconds=-2), True),  # another machine's clock runs ahead
    ],
)
def test_a_suggestion_is_open_for_24_hours(age, still):
    assert is_open(SUGGESTION, OFFERED + age) is still


@pytest.mark.parametrize("outcome", list(Outcome))
def test_any_outcome_closes_it(outcome):
    assert not is_open(Suggestion("s-1", "task-preview", OFFERED, outcome), OFFERED)


def test_a_day_is_24_elapsed_hours_whatever_the_zone_says():
    """The clocks go back in the night of 25 October 2026: a calendar day of 25 hours."""
    amsterdam_winter = timezone(timedelta(hours=1))
    assert not is_open(SUGGESTION, datetime(2026, 10, 25, 13, 0, tzinfo=amsterdam_winter))
    assert is_open(SUGGESTION, datetime(2026, 10, 25, 12, 59, tzinfo=amsterdam_winter))


def test_the_words_are_stable():
    assert {str(o) for o in Outcome} == {
        "accepted", "done", "already_doing", "not_now", "not_possible", "not_suitable",
    }  # fmt: skip


def test_an_outcome_is_told_once_but_done_may_follow_accepted():
    for after in Outcome:
        assert may_follow(None, after)
    allowed = {(before, after) for before in Outcome for after in Outcome if may_follow(before, after)}
    assert allowed == {(each, each) for each in Outcome} | {(Outcome.ACCEPTED, Outcome.DONE)}
