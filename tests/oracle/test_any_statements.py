"""Any statements of one person, in any threads, against the oracle: what no generated world would think of."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.compare import identity
from tests.oracle.painting import CLOSERS, OPENERS, OUTCOMES, figures
from tests.oracle.test_minutes import AMSTERDAM, compare, product
from tests.world.cast import Label, Person, iso
from tests.world.world import World

PARTS = sorted(OPENERS | CLOSERS | OUTCOMES)
VERBS = [*PARTS, *PARTS, "posted", "replied", "asked", "voted", "viewed", "answered", "viewed", "answered"]
LABELS = [
    Label("formal"),
    Label("formal", default=60, cap=1200),
    Label("social", default=3600),
    Label("experiential", default=180),
    Label("experiential", timed=False, default=60),
    Label("unclassified"),
    Label("not_learning"),
]
DURATIONS = [None, None, None, "PT1S", "PT59S", "PT10M", "PT20M", "PT20M1S", "PT5H", "PT13H", "P1M", "PT0S"]
CONTEXTS = [
    None,
    {"registration": "R1"},
    {"registration": "r1", "contextActivities": {"parent": [{"id": "https://x/p"}]}},
    {"contextActivities": {"parent": [{"id": "https://x/q"}, {"id": "https://x/1"}]}},
    {"registration": "r1", "extensions": {"https://w3id.org/xapi/video/extensions/session-id": "s"}},
]
ANNA = Person.numbered(1)
MIDNIGHT = 1_792_879_200
"""In Amsterdam, of the night in which the clock goes back."""


@st.composite
def worlds(draw):
    at, deliveries, labels = MIDNIGHT - draw(st.integers(0, 20_000)), [], {}
    several = draw(st.lists(st.sampled_from(LABELS), min_size=1, max_size=3))
    contexts = draw(st.lists(st.sampled_from(CONTEXTS), min_size=1, max_size=2))
    for number in range(draw(st.integers(1, 12))):
        at += draw(st.sampled_from([0, 0, 1, 59, 300, 599, 600, 601, 1200, 5000, 15_000]))
        sid = f"{draw(st.integers(0, 99)):02}-{number}"
        duration, context = draw(st.sampled_from(DURATIONS)), draw(st.sampled_from(contexts))
        statement = {
            "id": sid,
            "actor": draw(st.sampled_from(ANNA.agents)),
            "verb": {"id": "https://x/verbs/" + draw(st.sampled_from(VERBS))},
            "object": {"id": f"https://x/{draw(st.integers(1, 2))}"},
            "timestamp": iso(at),
        }
        if draw(st.integers(0, 9)) == 0:
            del statement["timestamp"]
        statement |= ({"result": {"duration": duration}} if duration else {}) | (
            {"context": context} if context else {}
        )
        labels[sid] = draw(st.sampled_from(several))
        deliveries.append({"statement": statement, "source": "x", "kind": "x", "arrived": iso(at)})
    return World((ANNA,), tuple(draw(st.permutations(deliveries))), labels, frozenset())


@settings(max_examples=400, deadline=None)
@given(worlds())
def test_the_product_and_the_oracle_agree(made):
    person_of = {identity(agent): ANNA.id for agent in ANNA.agents}
    expected = figures(made.deliveries, made.labels, lambda agent: person_of[identity(agent)], AMSTERDAM)
    compare(product(made, list(made.deliveries)), expected)
