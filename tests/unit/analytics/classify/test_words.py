"""How IRIs and names become words."""

import pytest

from services.analytics.domain.classify.words import WORDS, last_word, normal_iri, noun_forms, verb_forms


@pytest.mark.parametrize(
    ("iri", "word"),
    [
        ("http://adlnet.gov/expapi/verbs/logged-in", "logged-in"),
        ("https://x.example/loggedIn/", "logged-in"),
        ("https://x.example/verbs#Logged_In", "logged-in"),
        ("http://adlnet.gov/expapi/activities/cmi.interaction", "cmi-interaction"),
        ("https://xapinet.org/x/concepts#activity-type:survey", "survey"),
        ("http://wordnetweb.princeton.edu/perl/webwn?s=ask", "ask"),
        ("urn:x:Forum%20Post", "forum-post"),
        ("", ""),
        ("https://", "https"),
    ],
)
def test_the_last_word_of_an_iri(iri, word):
    assert last_word(iri) == word


def test_words_begin_at_capitals_and_keep_their_digits():
    assert WORDS("mod_forum/jobAid/simpleCBT/cmi5/H5P.TrueFalse-1.0/course2") == [
        "mod", "forum", "job", "Aid", "simple", "CBT", "cmi5", "H5P", "True", "False", "course2",
    ]  # fmt: skip


def test_nouns_are_known_in_the_plural_and_verbs_in_their_regular_forms():
    assert {"quiz", "course", "courses"} >= noun_forms("course")
    assert "job-aids" in noun_forms("job-aid")
    assert "discuss" in noun_forms("discuss")
    assert {"category", "categories"} == noun_forms("category")
    assert {"post", "posts", "posted", "posting"} <= verb_forms("posted")
    assert {"share", "shares", "shared", "sharing"} <= verb_forms("shared")
    assert {"reply", "replies", "replied", "replying"} <= verb_forms("replied")
    assert {"planned", "plan", "planning"} <= verb_forms("planned")
    assert {"vote-up", "voting-up", "voted-up"} <= verb_forms("voted-up")
    assert "us" not in verb_forms("used")


def test_iris_are_compared_without_scheme_and_closing_slash():
    assert normal_iri("http://a.example/x/") == normal_iri("https://a.example/x")
    assert normal_iri("http://a.example/x#y") != normal_iri("http://a.example/x")
