"""Vocabulary that is not clear: rows of k people by weight, each with a proposal; and sources that fall silent."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.few import K
from services.analytics.domain.object_ids import prefix_of
from services.analytics.domain.proposals import proposed
from services.analytics.domain.silence import silence
from services.analytics.domain.vocabulary import Term, ranked, term

VERB = "https://example.nl/verbs/did"


def of(prefix: str = "", activity_type: str = "", kind: str = "other", verb: str = VERB, platform: str = "") -> Term:
    return Term("unclassified", kind, verb, activity_type, platform, prefix)


@pytest.mark.parametrize(
    ("iri", "prefix"),
    [
        ("https://intranet.example.nl/kb/how/to/reset.html?x=1", "https://intranet.example.nl/kb/how/"),
        ("https://lms.example.nl/course/1", "https://lms.example.nl/course/"),
        ("https://lms.example.nl/course", "https://lms.example.nl/"),
        ("https://lms.example.nl", "https://lms.example.nl/"),
        ("https://lms.example.nl/view.php?id=7", "https://lms.example.nl/"),
        ("https://s/c1", "https://s/"),
        ("http://p/a/b/c/d", "http://p/a/b/"),
        ("//s/c1", "//s/"),
        ("urn:uuid:8e7a", "urn:uuid:"),
        ("urn:a", ""),
        ("http://[oops", ""),
        ("course 1", ""),
    ],
)
def test_the_beginning_of_an_id(iri: str, prefix: str) -> None:
    assert prefix_of(iri) == prefix
    assert iri.startswith(prefix) or prefix == iri + "/"


def test_what_a_statement_is_made_of() -> None:
    statement = {
        "verb": {"id": VERB},
        "object": {"id": "https://a.nl/b/c", "definition": {"type": "https://t.nl/x"}},
        "context": {"platform": "Wiki"},
    }
    assert term("kind", "lms", statement) == Term("kind", "lms", VERB, "https://t.nl/x", "Wiki", "https://a.nl/b/")
    agent = {"verb": {"id": VERB}, "object": {"objectType": "Agent", "mbox": "mailto:anna@example.nl"}}
    assert term("kind", "lms", agent) == Term("kind", "lms", VERB, "", "", "")


events = st.lists(
    st.tuples(
        st.builds(of, st.sampled_from(["", "https://a.nl/x/", "https://a.nl/y/", "https://b.nl/"])),
        st.integers(0, 10),
        st.sampled_from([f"p{number}" for number in range(9)]),
    ),
    max_size=60,
)


@given(events, st.integers(1, 5))
def test_every_event_weighs_once_and_no_row_is_of_few(found, limit: int) -> None:
    rows, rest = ranked(found, limit)
    assert len(rows) <= limit
    assert all(len(weight.people) >= K for _, weight in rows)
    assert not rows or not 0 < len(rest.people) < K
    assert sum(weight.events for _, weight in rows) + rest.events == len(found)
    assert sum(weight.minutes_us for _, weight in rows) + rest.minutes_us == sum(minutes for _, minutes, _ in found)
    weights = [(weight.minutes_us, weight.events, len(weight.people)) for _, weight in rows]
    assert weights == sorted(weights, reverse=True)


@given(events)
def test_the_order_of_events_says_nothing(found) -> None:
    assert ranked(found, 5) == ranked(found[::-1], 5)


def test_few_are_joined_under_the_origin_then_without_ids() -> None:
    found = [(of(f"https://a.nl/{number}/"), 1, f"p{number}") for number in range(5)]
    assert [each.prefix for each, _ in ranked(found, 9)[0]] == ["https://a.nl/"]
    found = [(of(f"https://a{number}.nl/x/"), 1, f"p{number}") for number in range(5)]
    assert [each.prefix for each, _ in ranked(found, 9)[0]] == [""]
    rows, rest = ranked(found[:4], 9)
    assert (rows, rest.events) == ([], 4)


@pytest.mark.parametrize(
    ("row", "entry", "because"),
    [
        (
            of("https://intranet.nl/job-aids/", kind="lms"),
            {"id_prefix": "https://intranet.nl/job-aids/", "mode": "experiential"},
            "jobaid",
        ),
        (
            of(activity_type="https://x.nl/types/Checklist"),
            {"activity_type": "https://x.nl/types/Checklist"},
            "checklist",
        ),
        (of("https://x.nl/course/forum/"), {"id_prefix": "https://x.nl/course/forum/", "mode": "social"}, "forum"),
        (of("https://x.nl/courses/"), {"id_prefix": "https://x.nl/courses/", "mode": "formal"}, "course"),
        (of("https://forum.nl/a/", kind="lms"), {"id_prefix": "https://forum.nl/a/", "mode": "formal"}, "kind lms"),
        (of("https://x.nl/a/", platform="Team wiki"), {"id_prefix": "https://x.nl/a/", "mode": "social"}, "platform"),
        (
            of("https://x.nl/a/", verb="https://v.nl/loggedIn/login"),
            {"id_prefix": "https://x.nl/a/", "verbs": ["https://v.nl/loggedIn/login"], "mode": "not_learning"},
            "login",
        ),
        (of("https://x.nl/a/", kind="job_aid"), {"support": "extrinsic", "default_minutes": 3}, "kind job_aid"),
    ],
)
def test_proposals_name_their_word(row: Term, entry, because: str) -> None:
    proposal = proposed(row)
    assert proposal is not None
    assert entry.items() <= proposal.entry.items()
    assert because in proposal.because


@pytest.mark.parametrize("row", [of(), of(kind="lms"), of("https://x.nl/a/"), of(verb="https://v.nl/mentored")])
def test_where_nothing_tells_nothing_is_proposed(row: Term) -> None:
    assert proposed(row) is None


TODAY = date(2026, 3, 20)


def before(*days: int) -> list[date]:
    return [TODAY - timedelta(days=each) for each in days]


@pytest.mark.parametrize(
    ("sent", "usual", "silent"),
    [
        (before(), None, False),
        (before(0), None, False),
        (before(14), None, False),
        (before(15), None, True),
        (before(0, 1, 2, 3, 4, 5), 1, False),
        (before(3, 4, 5, 6, 7, 8), 1, False),
        (before(4, 5, 6, 7, 8, 9), 1, True),
        (before(14, 21, 28, 35, 42), 7, False),
        (before(15, 22, 29, 36, 43), 7, True),
    ],
)
def test_a_source_is_silent_after_twice_its_usual_gap(sent, usual, silent: bool) -> None:
    told = silence(sent, TODAY)
    assert told.usual_gap == usual
    assert told.last == (max(sent) if sent else None)
    assert told.silent_since == (max(sent) if silent else None)
