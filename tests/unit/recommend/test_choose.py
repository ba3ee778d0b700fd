"""The policy uniform-1: which entries can come out, with what probability, and what is said about it."""

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.recommend import catalogue as shipped
from services.recommend.domain.catalogue import MODES, load
from services.recommend.domain.choose import POLICY, Situation, choose, propensities

CATALOGUE = load(shipped.text())
IDS = [entry.id for entry in CATALOGUE.interventions]
FACTS = [p.id for entry in CATALOGUE.interventions for p in entry.preconditions]
RECORDED = Situation(has_data=True)

draws = st.floats(0, 1, exclude_max=True)
gaps = st.one_of(st.none(), st.floats(-100, 100))
some_ids = st.frozensets(st.sampled_from(IDS), max_size=77)
situations = st.builds(
    Situation,
    has_data=st.booleans(),
    gap=st.one_of(st.none(), st.fixed_dictionaries(dict.fromkeys(MODES, gaps))),
    minutes=st.one_of(st.none(), st.fixed_dictionaries({mode: st.floats(0, 5000) for mode in MODES})),
    visible=st.one_of(st.none(), st.fixed_dictionaries({mode: st.booleans() for mode in MODES})),
    offered=some_ids,
    recent=st.one_of(st.none(), some_ids),
    facts=st.dictionaries(st.sampled_from(FACTS), st.booleans(), max_size=30),
)


def codes(choice):
    return [why.code for why in choice.reasons]


def of_mode(mode):
    return [entry for entry in CATALOGUE.interventions if entry.mode == mode]


@given(situations)
def test_propensities_sum_to_one(situation):
    assert math.isclose(sum(propensities(situation, CATALOGUE).values()), 1)


@given(situations, draws, draws)
def test_a_choice_carries_its_own_propensity_and_repeats_with_its_draws(situation, one, two):
    choice = choose(situation, CATALOGUE, one, two)
    assert choice == choose(situation, CATALOGUE, one, two)
    assert choice.propensity == propensities(situation, CATALOGUE)[choice.intervention]
    assert (choice.policy, choice.catalogue) == (POLICY, CATALOGUE.version) == ("uniform-1", CATALOGUE.version)
    assert choice.mode == CATALOGUE[choice.intervention].mode
    assert choice.reasons


@given(situations, draws, draws)
def test_every_precondition_is_known_to_hold_or_asked(situation, one, two):
    choice = choose(situation, CATALOGUE, one, two)
    asked = {question.id for question in choice.questions}
    for fact in CATALOGUE[choice.intervention].preconditions:
        assert (fact.id in asked) is (fact.id not in situation.facts)
        assert situation.facts.get(fact.id, True)


@given(situations, draws, draws)
def test_what_is_offered_only_once_is_not_offered_twice(situation, one, two):
    entry = CATALOGUE[choose(situation, CATALOGUE, one, two).intervention]
    assert entry.repeatable or entry.id not in situation.offered


@settings(max_examples=10)
@given(situations)
def test_drawn_frequencies_follow_the_propensities(situation):
    """A grid over both draws, fine enough that every strip is hit in proportion to its width."""
    expected = propensities(situation, CATALOGUE)
    modes, entries = 6, 80
    counts = Counter(
        choose(situation, CATALOGUE, (i + 0.5) / modes, (j + 0.5) / entries).intervention
        for i in range(modes)
        for j in range(entries)
    )
    assert set(counts) == set(expected)
    for name, probability in expected.items():
        assert abs(counts[name] / (modes * entries) - probability) <= 1 / entries


def test_every_entry_is_reachable():
    expected = propensities(RECORDED, CATALOGUE)
    assert set(expected) == set(IDS)
    for mode in MODES:
        assert {expected[entry.id] for entry in of_mode(mode)} == {1 / (3 * len(of_mode(mode)))}


def test_the_last_draw_below_one_is_the_last_entry():
    last = math.nextafter(1, 0)
    assert choose(RECORDED, CATALOGUE, last, last).intervention == of_mode("experiential")[-1].id


@pytest.mark.parametrize("bad", [-0.1, 1.0, math.nan])
def test_a_draw_outside_its_range_is_an_error(bad):
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        choose(RECORDED, CATALOGUE, bad, 0.5)
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        choose(RECORDED, CATALOGUE, 0.5, bad)


def test_the_mode_furthest_below_its_band_is_chosen_whatever_the_draw():
    situation = Situation(
        has_data=True,
        gap={"formal": 30.0, "social": -4.0, "experiential": -12.5},
        minutes={"formal": 300.0, "social": 40.0, "experiential": 60.4},
    )
    chosen = [choose(situation, CATALOGUE, draw / 10, 0.5) for draw in range(10)]
    assert {choice.mode for choice in chosen} == {"experiential"}
    assert chosen[0].eligible == len(of_mode("experiential")) == 38
    assert chosen[0].propensity == 1 / 38
    assert codes(chosen[0]) == ["below_band", "drawn_by_lot"]
    why = chosen[0].reasons[0]
    assert why.text_en == (
        "The recorded share of learning by working is 12.5 percentage points below its target band"
        " (60 of 400 recorded minutes)."
    )
    assert why.text_nl == (
        "Het vastgelegde aandeel leren door te werken ligt 12,5 procentpunt onder de streefband"
        " (60 van 400 vastgelegde minuten)."
    )


@pytest.mark.parametrize(
    ("gap", "nl", "en"),
    [
        (-12.0, "ligt 12 procentpunt onder", "is 12 percentage points below"),
        (-1.0, "ligt 1 procentpunt onder", "is 1 percentage point below"),
        (-0.5, "ligt 0,5 procentpunt onder", "is 0.5 percentage points below"),
        (-0.01, "ligt minder dan 0,1 procentpunt onder", "is less than 0.1 percentage points below"),
    ],
)
def test_the_distance_is_told_as_people_write_it(gap, nl, en):
    situation = Situation(has_data=True, gap={"formal": 0.0, "social": gap, "experiential": 0.0})
    why = choose(situation, CATALOGUE, 0, 0).reasons[0]
    assert nl in why.text_nl
    assert en in why.text_en


def test_two_modes_equally_far_below_have_the_same_chance():
    situation = Situation(has_data=True, gap={"formal": 20.0, "social": -8.0, "experiential": -8.0})
    expected = propensities(situation, CATALOGUE)
    assert {CATALOGUE[name].mode for name in expected} == {"social", "experiential"}
    assert expected[of_mode("social")[0].id] == 1 / (2 * 30)


@pytest.mark.parametrize(
    ("situation", "code"),
    [
        (RECORDED, "drawn_evenly"),
        (Situation(has_data=True, gap={}), "drawn_evenly"),
        (Situation(has_data=True, gap=dict.fromkeys(MODES)), "drawn_evenly"),
        (Situation(has_data=True, gap={"formal": 3.0, "social": 0.0, "experiential": None}), "not_below_band"),
    ],
)
def test_with_nothing_below_a_band_every_mode_has_the_same_chance(situation, code):
    modes = [choose(situation, CATALOGUE, (i + 0.5) / 9, 0.3).mode for i in range(9)]
    assert Counter(modes) == dict.fromkeys(MODES, 3)
    assert codes(choose(situation, CATALOGUE, 0.5, 0.3)) == [code, "drawn_by_lot"]


def test_a_gap_that_nobody_can_see_is_not_used_and_that_is_said():
    situation = Situation(
        has_data=True,
        gap={"formal": -5.0, "social": -40.0, "experiential": 10.0},
        visible={"formal": True, "social": False, "experiential": True},
    )
    choice = choose(situation, CATALOGUE, 0.5, 0.5)
    assert choice.mode == "formal"
    assert codes(choice) == ["below_band", "not_visible", "drawn_by_lot"]
    assert choice.reasons[1].text_nl == "Niet zichtbaar en daarom niet vergeleken: leren van en met elkaar."


def test_a_mode_that_is_not_visible_may_still_be_suggested():
    situation = Situation(has_data=True, visible={"formal": True, "social": False, "experiential": True})
    assert choose(situation, CATALOGUE, 0.5, 0.5).mode == "social"


@given(draws, draws, st.one_of(st.none(), st.fixed_dictionaries(dict.fromkeys(MODES, gaps))))
def test_without_data_it_is_a_starter_and_says_so(one, two, gap):
    choice = choose(Situation(has_data=False, gap=gap), CATALOGUE, one, two)
    assert CATALOGUE[choice.intervention].suits_starter
    assert codes(choice) == ["starter", "drawn_by_lot"]
    assert "in de laatste 28 dagen niets vastgelegd" in choice.reasons[0].text_nl
    assert "Nothing was recorded for you in the last 28 days" in choice.reasons[0].text_en


@pytest.mark.parametrize("gap", [None, {"formal": -20.0, "social": 0.0, "experiential": -3.0}])
def test_starters_of_every_mode_can_come_out_whatever_the_gap(gap):
    expected = propensities(Situation(has_data=False, gap=gap), CATALOGUE)
    assert set(expected) == {entry.id for entry in CATALOGUE.interventions if entry.suits_starter}


def test_when_no_starter_is_left_something_else_comes():
    spent = frozenset(entry.id for entry in CATALOGUE.interventions if entry.suits_starter)
    facts = {p.id: False for e in CATALOGUE.interventions if e.id in spent for p in e.preconditions}
    choice = choose(Situation(has_data=False, facts=facts), CATALOGUE, 0.5, 0.5)
    assert choice.intervention not in spent
    assert codes(choice) == ["starter", "drawn_by_lot"]


def test_a_fact_known_to_be_false_rules_an_entry_out_and_a_true_one_is_not_asked():
    no = Situation(has_data=True, facts={"role-checklist-published": False})
    assert "checklist-rare-task" not in propensities(no, CATALOGUE)
    yes = Situation(has_data=True, facts={"role-checklist-published": True})
    choice = choose(yes, CATALOGUE, 0.9, 0.0)
    assert choice.intervention == "checklist-rare-task"
    assert [question.id for question in choice.questions] == ["rare-task-ahead"]


def test_the_precondition_is_put_as_a_question_in_both_languages():
    question = choose(RECORDED, CATALOGUE, 0.9, 0.0).questions[1]
    assert question.question_nl == "Is er voor jouw rol een checklist gepubliceerd?"
    assert question.question_en == "Has a checklist been published for your role?"


def test_what_was_offered_before_comes_back_only_when_nothing_else_is_left():
    formal = [entry.id for entry in of_mode("formal")]
    repeatable = {entry.id for entry in of_mode("formal") if entry.repeatable}
    gap = {"formal": -20.0, "social": 5.0, "experiential": 5.0}
    offered: frozenset[str] = frozenset()
    seen = []
    for _ in formal:
        choice = choose(Situation(has_data=True, gap=gap, offered=offered), CATALOGUE, 0.5, 0.5)
        seen.append(choice.intervention)
        offered |= {choice.intervention}
    assert sorted(seen) == sorted(formal)
    situation = Situation(has_data=True, gap=gap, offered=offered)
    assert set(propensities(situation, CATALOGUE)) == repeatable
    assert codes(choose(situation, CATALOGUE, 0.5, 0.5)) == ["below_band", "offered_before", "drawn_by_lot"]


def test_a_repeatable_entry_offered_long_ago_is_fresh_again():
    situation = Situation(
        has_data=True, offered=frozenset({"month-question", "task-preview"}), recent=frozenset({"week-start-question"})
    )
    expected = propensities(situation, CATALOGUE)
    assert "month-question" in expected
    assert "task-preview" not in expected
    assert "week-start-question" not in expected


def shut(*modes):
    return {p.id: False for e in CATALOGUE.interventions if e.mode in modes for p in e.preconditions}


def test_when_nothing_fits_the_furthest_mode_the_next_one_is_taken_and_both_are_told():
    gap = {"formal": -4.0, "social": -20.0, "experiential": 9.0}
    choice = choose(Situation(has_data=True, gap=gap, facts=shut("social")), CATALOGUE, 0.5, 0.5)
    assert choice.mode == "formal"
    assert codes(choice) == ["nothing_fits", "below_band", "drawn_by_lot"]


def test_when_nothing_fits_any_mode_below_its_band_the_others_have_the_same_chance():
    gap = {"formal": 4.0, "social": -20.0, "experiential": 9.0}
    situation = Situation(has_data=True, gap=gap, facts=shut("social"))
    assert {CATALOGUE[name].mode for name in propensities(situation, CATALOGUE)} == {"formal", "experiential"}
    assert codes(choose(situation, CATALOGUE, 0.5, 0.5)) == ["nothing_fits", "even_chance", "drawn_by_lot"]


def test_when_one_entry_is_left_that_is_said():
    facts = shut(*MODES)
    facts["rare-task-ahead"] = facts["role-checklist-published"] = True
    choice = choose(Situation(has_data=True, facts=facts), CATALOGUE, 0.2, 0.2)
    assert (choice.intervention, choice.propensity, choice.questions) == ("checklist-rare-task", 1.0, ())
    assert codes(choice) == ["drawn_evenly", "only_one"]


def test_when_nothing_can_be_offered_there_is_no_choice():
    situation = Situation(has_data=True, facts=shut(*MODES))
    assert propensities(situation, CATALOGUE) == {}
    assert choose(situation, CATALOGUE, 0.5, 0.5) is None


@given(situations, draws, draws)
def test_every_reason_speaks_both_languages(situation, one, two):
    for why in choose(situation, CATALOGUE, one, two).reasons:
        assert why.text_nl.endswith(".")
        assert why.text_en.endswith(".")
        assert why.text_nl != why.text_en
