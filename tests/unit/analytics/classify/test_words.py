"""How IRIs and names become words."""

import pytest

from services.analytics.domain.classify.words import (
    WORDS,
    heads,
    last_word,
    normal_iri,
    noun_forms,
    path_end,
    place_and_path,
    verb_forms,
)


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


@pytest.mark.parametrize(
    ("iri", "place", "path"),
    [
        ("https://lms.example.org/course/3/", "lms.example.org", "course/3"),
        ("urn:academy:course:3", "academy", "course/3"),
        ("URN:academy:quiz/7", "academy", "quiz/7"),
        ("urn:uuid:0a1b", "uuid", "0a1b"),
        ("urn:course", "course", ""),
        ("act:course", "act:course", ""),
        ("https://lms.example.org", "lms.example.org", ""),
        ("", "", ""),
    ],
)
def test_where_something_stands_and_what_it_is(iri, place, path):
    assert place_and_path(iri) == (place, path)


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("course/3/annotation/7", "annotation/7"),
        ("mod/assign/view.php?id=1#submission", "view.php/submission"),
        ("course/view.php?id=2&back=/forum/1", "course/view.php"),
        ("2015/02/hello-world/#comment-4", "hello-world/comment-4"),
        ("a//b///", "a/b"),
        ("", ""),
    ],
)
def test_the_end_of_a_path(path, end):
    assert path_end(path) == end


def test_what_may_be_the_verb_in_one_of_several_words():
    assert "voted" in heads("voted-cancel")
    assert "cancel" not in heads("voted-cancel")
    assert "submitted" in heads("quiz-attempt-submitted")
    assert list(heads("a-commenté")) == ["commenté", "commenté", "commenté"]
    assert list(heads("a")) == ["a", "a"]


def test_words_begin_at_capitals_and_keep_their_digits():
    assert WORDS("mod_forum/jobAid/simpleCBT/cmi5/H5P.TrueFalse-1.0/course2") == [
        "mod", "forum", "job", "Aid", "simple", "CBT", "cmi5", "H5P", "True", "False", "course2",
    ]  # fmt: skip
    assert WORDS("Évaluation ÜBUNG lección-2 Maße") == ["Évaluation", "ÜBUNG", "lección", "Maße"]


def test_nouns_are_known_in_the_plural_and_verbs_in_their_forms():
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
    assert {"leave", "leaves", "left", "leaving"} <= verb_forms("left")
    assert {"write", "wrote", "written", "writing"} <= verb_forms("written")
    assert {"send-message", "sent-message"} <= verb_forms("sent-message")


def test_iris_are_compared_without_scheme_and_closing_slash():
    assert normal_iri("http://a.example/x/") == normal_iri("https://a.example/x")
    assert normal_iri("http://a.example/x#y") != normal_iri("http://a.example/x")
