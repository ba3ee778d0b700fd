"""The person's own voice: what is laid over facts, added to them, or left out."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import MODES, LearningClass
from services.analytics.domain.classify.classified import GIVING, Role
from services.analytics.domain.minutes.facts import Fact, Flag, Part
from services.analytics.domain.voice.additions import ADDED, LONGEST_US, Addition, fact_of
from services.analytics.domain.voice.corrections import CORRECTED, Correction, overlay
from services.analytics.domain.voice.pauses import Pause, paused

MINUTE = 60_000_000
CLASSES = get_args(LearningClass)
LENGTHS = st.integers(1, LONGEST_US)

facts = st.builds(
    Fact,
    statement=st.uuids().map(str),
    learner=st.just("anna"),
    alias=st.none(),
    role=st.sampled_from(get_args(Role)),
    mode=st.sampled_from(CLASSES),
    rule=st.just("formal.course"),
    entry=st.sampled_from([None, "things[0]"]),
    source=st.just("lms"),
    t_us=st.integers(-(10**16), 10**16),
    flags=st.frozensets(st.sampled_from(get_args(Flag))),
    duration_us=st.integers(0, LONGEST_US),
    default_us=st.integers(0, LONGEST_US),
    default_from=st.just("ours"),
    session_us=st.just(MINUTE),
    thread=st.integers(-(2**63), 2**63 - 1),
    object=st.integers(-(2**63), 2**63 - 1),
    part=st.sampled_from(get_args(Part)),
    discrete=st.booleans(),
)
corrections = st.builds(Correction, st.sampled_from([None, *MODES, "not_learning"]), st.none() | LENGTHS)


@given(facts)
def test_without_a_correction_a_fact_is_what_the_statement_said(fact: Fact) -> None:
    assert overlay(fact, None) is fact


@given(facts, corrections)
def test_a_correction_laid_twice_is_laid_once(fact: Fact, said: Correction) -> None:
    assert overlay(overlay(fact, said), said) == overlay(fact, said)


@given(facts, corrections)
def test_a_correction_says_so_and_touches_nothing_else(fact: Fact, said: Correction) -> None:
    told = overlay(fact, said)
    assert "self" in told.flags
    assert told.mode == (said.mode or fact.mode)
    assert told.duration_us == (said.minutes_us or fact.duration_us)
    assert (told.rule, told.entry) == ((CORRECTED, None) if said.mode else (fact.rule, fact.entry))
    assert ("disbelieved" in told.flags) == ("disbelieved" in fact.flags and said.minutes_us is None)
    assert told == replace(
        fact,
        **{name: getattr(told, name) for name in ("mode", "rule", "entry", "role", "flags", "duration_us")},
    )


@given(facts, st.sampled_from(MODES))
def test_who_guided_may_say_that_it_was_learning(fact: Fact, mode: LearningClass) -> None:
    guided = replace(fact, role="coach")
    assert not overlay(guided, Correction(mode, None)).given
    assert overlay(guided, Correction(None, MINUTE)).given
    assert overlay(guided, Correction("not_learning", None)).role in GIVING


@given(st.uuids().map(str), st.sampled_from(MODES), st.integers(0, 10**16), LENGTHS)
def test_an_addition_is_a_fact_of_its_own(made: str, mode: LearningClass, t_us: int, length: int) -> None:
    fact = fact_of(Addition(made, "anna", mode, t_us, length))
    assert (fact.statement, fact.learner, fact.mode, fact.t_us, fact.duration_us) == (made, "anna", mode, t_us, length)
    assert (fact.rule, fact.flags, fact.given) == (ADDED, frozenset({"self"}), False)
    assert -(2**63) <= fact.thread < 2**63
    assert fact == fact_of(Addition(made, "anna", mode, t_us, length))


def test_no_two_additions_share_a_thread() -> None:
    threads = {fact_of(Addition(f"{n:032x}", "anna", "social", 0, MINUTE)).thread for n in range(1000)}
    assert len(threads) == 1000


@pytest.mark.parametrize(
    ("t_us", "held"), [(9, False), (10, True), (19, True), (20, False), (29, False), (30, True), (10**18, True)]
)
def test_a_pause_holds_its_first_moment_and_not_its_last(t_us: int, held: bool) -> None:
    assert paused([Pause(10, 20), Pause(30)], t_us) is held
    assert not paused([], t_us)
