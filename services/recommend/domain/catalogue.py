"""The catalogue of micro-interventions: what can be offered, and under which preconditions.

The document is schemas/catalogue.schema.json; what a schema cannot say (ids used once, one question per fact) is
checked here.
"""

import hashlib
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Mode = Literal["formal", "social", "experiential"]
MODES: tuple[Mode, ...] = get_args(Mode)

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Text = Annotated[str, StringConstraints(pattern=r"\S", max_length=300)]

STARTER_MINUTES = 10
"""A first suggestion takes no longer than this."""


class CatalogueError(ValueError):
    """The catalogue cannot be used. The message has one line per problem, each naming the entry."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Precondition(_Part):
    """A fact that has to be true, with the question that asks for it; a yes means that it holds."""

    id: Id
    about: Literal["work", "means", "people", "safety", "person", "history", "rhythm"]
    question_nl: Text
    question_en: Text


class Kirkpatrick(_Part):
    """Where an effect would show: the level (1 reaction, 2 learning, 3 behaviour, 4 results) and its sign."""

    level: Annotated[int, Field(strict=True, ge=1, le=4)]
    signal: Text


class Intervention(_Part):
    """One entry of the catalogue."""

    id: Id
    title_nl: Text
    title_en: Text
    description_nl: Text
    description_en: Text
    mode: Mode
    minutes: Annotated[int, Field(strict=True, ge=1, le=480)]
    with_whom: Literal["alone", "peer", "team", "coach"]
    moments: Annotated[tuple[Literal["new", "more", "apply", "solve", "change"], ...], Field(min_length=1)]
    needs: Annotated[tuple[Literal["competence", "autonomy", "inclusion", "affection"], ...], Field(min_length=1)]
    preconditions: tuple[Precondition, ...]
    kirkpatrick: Kirkpatrick
    performance_support_form: Literal["external", "extrinsic", "embedded"] | None
    repeatable: Annotated[bool, Field(strict=True)]

    @property
    def suits_starter(self) -> bool:
        """Whether it suits somebody of whom nothing is recorded yet.

        Short, alone or with one colleague, asking nothing of what was done before and nothing that takes trust
        which has not been earned yet.
        """
        delicate = any(p.about in ("history", "safety") for p in self.preconditions)
        return self.minutes <= STARTER_MINUTES and self.with_whom in ("alone", "peer") and not delicate


class Catalogue(_Part):
    """All entries in the order of the file. `version` is the declared number and a hash of the text."""

    version: str
    interventions: tuple[Intervention, ...]

    def __getitem__(self, intervention_id: str) -> Intervention:
        """The entry with that id; KeyError when there is none."""
        for entry in self.interventions:
            if entry.id == intervention_id:
                return entry
        raise KeyError(intervention_id)


class _Document(_Part):
    version: Annotated[int, Field(strict=True, ge=1)]
    interventions: Annotated[tuple[Intervention, ...], Field(min_length=1)]


def load(text: str) -> Catalogue:
    """The Catalogue that a YAML text describes; CatalogueError names every entry that is not right."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CatalogueError(f"not YAML: {error}") from error
    try:
        document = _Document.model_validate(raw)
    except ValidationError as error:
        lines = [f"{_place(raw, problem['loc'])}: {problem['msg']}" for problem in error.errors()]
        raise CatalogueError("\n".join(lines)) from error
    problems = _repeated_ids(document.interventions) + _contradicting_facts(document.interventions)
    if problems:
        raise CatalogueError("\n".join(problems))
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Catalogue(version=f"{document.version}-{digest}", interventions=document.interventions)


def _place(raw: Any, loc: tuple[int | str, ...]) -> str:
    """Where a problem is, for the person who edits the file: `task-preview: preconditions.0.question_nl`."""
    if len(loc) < 2 or loc[0] != "interventions" or not isinstance(loc[1], int):
        return ".".join(map(str, loc)) or "the document"
    entry = raw["interventions"][loc[1]]
    name = entry.get("id") if isinstance(entry, dict) else None
    return f"{name or f'entry {loc[1] + 1}'}: {'.'.join(map(str, loc[2:])) or 'the entry'}"


def _repeated_ids(entries: tuple[Intervention, ...]) -> list[str]:
    ids = [entry.id for entry in entries]
    return [f"{name}: this id is used more than once" for name in sorted({i for i in ids if ids.count(i) > 1})]


def _contradicting_facts(entries: tuple[Intervention, ...]) -> list[str]:
    """One fact, one question: an answer given once must mean the same wherever the fact is asked for."""
    first: dict[str, Precondition] = {}
    problems = []
    for entry in entries:
        facts = entry.preconditions
        problems += [
            f"{entry.id}: precondition {fact.id} is worded otherwise in another entry"
            for fact in facts
            if first.setdefault(fact.id, fact) != fact
        ]
        if len({fact.id for fact in facts}) < len(facts):
            problems.append(f"{entry.id}: a precondition is named twice")
    return problems
