"""What no connected source can see is not visible, never zero (MIX.md 4)."""

import pytest

from services.analytics.domain.visible import visible_modes


@pytest.mark.parametrize(
    ("kinds", "recorded", "visible"),
    [
        ([], [], ()),
        (["lms"], [], ("formal",)),
        (["lms", "job_aid"], [], ("formal", "experiential")),
        (["lms"], ["social", "unclassified"], ("formal", "social")),
        (["other"], [], ("formal", "social", "experiential")),
        (["a kind of a newer version"], [], ()),
    ],
)
def test_a_mode_is_visible_when_a_source_shows_it_or_it_was_recorded_anyway(kinds, recorded, visible):
    assert tuple(mode for mode, seen in visible_modes(kinds, recorded).items() if seen) == visible
