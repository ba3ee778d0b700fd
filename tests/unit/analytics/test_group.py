"""Group figures: nothing that a few people stand behind (law 9)."""

import pytest

from services.analytics.domain.group import Pooled, group_figures

ENOUGH = {"formal": Pooled(600_000_000, 10, 5), "social": Pooled(200_000_000, 6, 5)}


def test_pooled_minutes_and_shares():
    told = group_figures(ENOUGH, 7)
    assert (told["hidden"], told["people"]) == (False, 7)
    assert told["minutes"] == {"formal": 10, "social": 3.333333, "experiential": 0}
    assert told["share"] == {"formal": 0.75, "social": 0.25, "experiential": 0}
    assert told["events"] == {"formal": 10, "social": 6, "experiential": 0}
    assert (told["unclassified"], told["not_learning"]) == (0, 0)


@pytest.mark.parametrize(
    ("pooled", "people"),
    [(ENOUGH, 4), ({}, 0), (ENOUGH | {"experiential": Pooled(1, 1, 4)}, 9), (ENOUGH | {"social": Pooled(0, 1, 1)}, 9)],
)
def test_hidden_means_no_figure_at_all(pooled, people):
    told = group_figures(pooled, people)
    assert set(told) == {"hidden", "because"}
    assert told["hidden"] is True


@pytest.mark.parametrize(("contributors", "events"), [(4, None), (5, 8)])
def test_what_stands_beside_the_mix_is_withheld_alone(contributors, events):
    few = Pooled(60_000_000, 8, contributors)
    told = group_figures(ENOUGH | {"unclassified": few, "not_learning": few}, 9)
    assert told["minutes"]["formal"] == 10
    assert (told["unclassified"], told["not_learning"]) == (events, events)
    assert told["unclassified_minutes"] == (None if events is None else 1)
