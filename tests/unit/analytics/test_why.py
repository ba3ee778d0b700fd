"""Pages of the why hold everything once."""

from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.minutes.facts import footprints
from services.analytics.domain.minutes.sums import window_sums
from services.analytics.domain.why import page
from tests.unit.analytics.held import event

MODES = ("formal", "social", "experiential", "unclassified")

events = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20), st.sampled_from(MODES)), max_size=25).map(
    lambda rows: [event(number, *row) for number, row in enumerate(rows)]
)


@given(events, st.integers(1, 6), st.sampled_from([frozenset(MODES), frozenset({"social"})]))
def test_the_pages_hold_every_microsecond_and_every_event_once(recorded, limit, modes):
    since, until = 5, 50
    minutes, seen, at = {}, [], since
    for _ in range(200):
        shown = page(recorded, since_us=at, until_us=until, modes=modes, limit=limit)
        for stretch, of in shown.stretches:
            assert at <= stretch.start_us < stretch.end_us <= shown.until_us
            assert of.fact.statement == stretch.statement
            minutes[stretch.mode] = minutes.get(stretch.mode, 0) + stretch.end_us - stretch.start_us
        seen += [each.fact.statement for each in shown.events]
        if not shown.more:
            break
        assert shown.until_us > at
        at = shown.until_us
    assert not shown.more
    expected = window_sums(footprints(each.held for each in recorded), since, until, until)
    assert minutes == {mode: of.minutes_us for mode, of in expected.items() if mode in modes and of.minutes_us}
    inside = [each for each in recorded if since <= each.fact.t_us < until and each.fact.mode in modes]
    assert sorted(seen) == sorted(each.fact.statement for each in inside)
