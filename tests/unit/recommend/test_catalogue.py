"""The catalogue that is shipped, its schema and its loader."""

import copy
import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

import schemas
from services.recommend import catalogue as shipped
from services.recommend.domain.catalogue import MODES, CatalogueError, load

SCHEMA = jsonschema_rs.validator_for(
    json.loads(Path(schemas.__file__).with_name("catalogue.schema.json").read_text(encoding="utf-8"))
)
SCOLDING = re.compile(
    r"\b(je moet|moet je|te weinig|achterstand|achterlo\w+|tekort\w*|onvoldoende|slecht\w*|lui|schuldig|helaas"
    r"|you must|you should|too little|behind schedule|lagging|insufficient|poor\w*|lazy|unfortunately|guilty)\b",
    re.IGNORECASE,
)


def texts(entry):
    own = [entry.title_nl, entry.title_en, entry.description_nl, entry.description_en]
    return own + [text for p in entry.preconditions for text in (p.question_nl, p.question_en)]


def document():
    return yaml.safe_load(shipped.text())


def test_the_shipped_catalogue_has_77_entries_of_every_mode(catalogue):
    assert len(catalogue.interventions) == 77
    assert {entry.mode for entry in catalogue.interventions} == set(MODES)
    assert SCHEMA.is_valid(document())


def test_every_entry_speaks_both_languages_and_differs_between_them(catalogue):
    for entry in catalogue.interventions:
        assert all(text == text.strip() and len(text) > 4 for text in texts(entry)), entry.id
        assert entry.description_nl != entry.description_en, entry.id
        assert entry.description_nl[-1] in ".?", entry.id
        assert entry.description_en[-1] in ".?", entry.id


def test_every_precondition_is_a_question_in_both_languages(catalogue):
    facts = [p for entry in catalogue.interventions for p in entry.preconditions]
    assert len(facts) == 106
    for fact in facts:
        assert fact.question_nl.endswith("?"), fact.id
        assert fact.question_en.endswith("?"), fact.id
        assert fact.question_nl != fact.question_en, fact.id
    assert all(entry.preconditions for entry in catalogue.interventions)


def test_no_text_scolds(catalogue):
    assert [t for entry in catalogue.interventions for t in texts(entry) if SCOLDING.search(t)] == []


def test_every_mode_has_starters_that_ask_nothing_of_the_past(catalogue):
    starters = [entry for entry in catalogue.interventions if entry.suits_starter]
    assert {entry.mode for entry in starters} == set(MODES)
    for entry in starters:
        assert entry.minutes <= 10
        assert entry.with_whom in ("alone", "peer")
        assert not {"history", "safety"} & {p.about for p in entry.preconditions}


def test_the_version_changes_with_the_text():
    one, other = load(shipped.text()), load(shipped.text() + "# a remark\n")
    assert one.version.startswith("2-")
    assert one.version == load(shipped.text()).version
    assert one.version != other.version


def test_an_entry_is_found_by_its_id(catalogue):
    assert catalogue["task-preview"].title_en == "Preview just before the task"
    with pytest.raises(KeyError, match="no-such-entry"):
        catalogue["no-such-entry"]


def broken(change):
    raw = copy.deepcopy(document())
    change(raw["interventions"][3])
    return raw


BROKEN = {
    "question_nl": lambda e: e["preconditions"][0].pop("question_nl"),
    "description_nl": lambda e: e.pop("description_nl"),
    "title_en": lambda e: e.update(title_en="  "),
    "mode": lambda e: e.update(mode="informal"),
    "minutes": lambda e: e.update(minutes=0),
    "repeatable": lambda e: e.update(repeatable="yes"),
    "moments": lambda e: e.update(moments=[]),
    "needs.0": lambda e: e.update(needs=["money"]),
    "kirkpatrick.level": lambda e: e["kirkpatrick"].update(level=5),
    "seed": lambda e: e.update(seed={}),
    "performance_support_form": lambda e: e.pop("performance_support_form"),
    "preconditions.0.about": lambda e: e["preconditions"][0].update(about="luck"),
    "preconditions.0.id": lambda e: e["preconditions"][0].update(id="Not an id"),
}


@pytest.mark.parametrize(("place", "change"), BROKEN.items(), ids=list(BROKEN))
def test_loader_and_schema_refuse_alike_and_the_loader_names_the_entry(place, change):
    raw = broken(change)
    assert not SCHEMA.is_valid(raw)
    with pytest.raises(CatalogueError, match=rf"(?m)^task-preview: .*{re.escape(place)}"):
        load(yaml.safe_dump(raw))


def test_an_entry_without_an_id_is_named_by_its_place():
    raw = broken(lambda e: e.pop("id"))
    assert not SCHEMA.is_valid(raw)
    with pytest.raises(CatalogueError, match="entry 4: id"):
        load(yaml.safe_dump(raw))


def test_all_problems_are_told_at_once():
    raw = broken(lambda e: e.pop("mode"))
    raw["interventions"][5].pop("minutes")
    with pytest.raises(CatalogueError) as told:
        load(yaml.safe_dump(raw))
    assert str(told.value).splitlines() == [
        "task-preview: mode: Field required",
        "what-changed-card: minutes: Field required",
    ]


def test_an_id_is_used_once():
    raw = broken(lambda e: e.update(id="context-help"))
    with pytest.raises(CatalogueError, match="context-help: this id is used more than once"):
        load(yaml.safe_dump(raw))


def test_one_fact_has_one_question():
    def contradict(entry):
        entry["preconditions"][0]["id"] = "rare-task-ahead"

    with pytest.raises(CatalogueError, match="task-preview: precondition rare-task-ahead is worded otherwise"):
        load(yaml.safe_dump(broken(contradict)))


def test_two_entries_may_share_a_fact_worded_alike():
    raw = document()
    raw["interventions"][3]["preconditions"] = raw["interventions"][2]["preconditions"]
    assert load(yaml.safe_dump(raw))["task-preview"].preconditions[0].id == "screen-help-available"


def test_a_precondition_is_named_once_in_an_entry():
    raw = broken(lambda e: e["preconditions"].append(e["preconditions"][0]))
    with pytest.raises(CatalogueError, match="task-preview: a precondition is named twice"):
        load(yaml.safe_dump(raw))


@pytest.mark.parametrize(
    "text", ["", "[]", "version: 2", "version: 2\ninterventions: []", "a: [", "version: 2\ninterventions: [1]"]
)
def test_what_is_no_catalogue_is_refused(text):
    with pytest.raises(CatalogueError):
        load(text)
