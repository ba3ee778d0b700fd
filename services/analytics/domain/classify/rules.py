"""Rules as data: what a rule set may say, and the checks that it says it well (MIX.md 2).

A rule set is checked whole when it is read, so that a mistake is found at start and not at the statement that would
have met it. Every complaint names the rule. `services/analytics/rules/base.yaml` explains the format to its writers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, TypeVar, get_args

from schemas.events import LearningClass
from services.analytics.domain.classify.classified import HOUR_US, Role
from services.analytics.domain.classify.matching import Matcher
from services.analytics.domain.classify.reading import Act
from services.analytics.domain.classify.selectors import RuleError, Selected, Selectors, a_list, a_mapping, only, texts

Step = Literal["administration", "work", "people", "instruction", "context"]
"""Where in the order of MIX.md 2 a rule stands: things of the registry come after administration, places before
instruction. The rules of `context` decide nothing: what matches one stands in a formal context."""
About = Literal["actor", "object", "substatement"]
"""Who learned when a rule matches; the actor's role then says what the actor was."""

STEPS: tuple[Step, ...] = get_args(Step)
CLASSES: tuple[LearningClass, ...] = get_args(LearningClass)
ROLES: tuple[Role, ...] = get_args(Role)
LEARNERS: tuple[About, ...] = get_args(About)

_RULE_KEYS = {"id", "class", "as", "learner", "role", "timed", "tags"}
_TIMING_KEYS = {"id", "default_minutes", "cap_minutes", "session_minutes", "media"}
_FILE_KEYS = {"rule_set", "kinds", "lists", "timings", *STEPS}
_REMEMBERED = 4096
_MINUTE_US = HOUR_US // 60
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `inner`: the class is that of the statement inside (a SubStatement), if one can be told."""

    id: str
    step: Step
    cls: LearningClass
    selected: Selected
    inner: bool = False
    learner: About = "actor"
    role: Role = "learner"
    timed: bool = True
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """How long what it selects takes. `media`: an announced length is its default, and twice that its cap."""

    id: str
    selected: Selected
    default_us: int = 0
    cap_us: int = 12 * HOUR_US
    session_us: int = 4 * HOUR_US
    media: bool = False


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A checked rule set: its version, the rules in order, the timings, and what the kind of a source means.

    `matcher` numbers the rules in that order, and then the timings.
    """

    version: str
    rules: tuple[Rule, ...]
    timings: tuple[Timing, ...]
    kinds: Mapping[str, LearningClass]
    matcher: Matcher = field(compare=False, repr=False)
    found: Callable[[int], "Found"] = field(compare=False, repr=False)

    def look(self, act: Act) -> "Found":
        """Return what our rules find of an act."""
        return self.found(self.matcher.bits(act))


@dataclass(frozen=True, slots=True)
class Found:
    """The first matched rule of each stage, and the first timing. `about` is the first that tells who learned."""

    administration: Rule | None
    acts: Rule | None
    instruction: Rule | None
    about: Rule | None
    formal_context: bool
    timing: Timing | None


def _finder(matcher: Matcher, rules: tuple[Rule, ...], timings: tuple[Timing, ...]) -> Callable[[int], Found]:
    """Return what finds the rules for the bits of an act; acts with the same bits are many, so it remembers."""

    def first(matched: int, *steps: Step) -> Rule | None:
        return next((rule for number, rule in enumerate(rules) if matched >> number & 1 and rule.step in steps), None)

    def find(bits: int) -> Found:
        matched = matcher.matches(bits)
        timed = (timing for number, timing in enumerate(timings, start=len(rules)) if matched >> number & 1)
        return Found(
            administration=first(matched, "administration"),
            acts=first(matched, "work", "people"),
            instruction=first(matched, "instruction"),
            about=first(matched, "work", "people", "instruction"),
            formal_context=first(matched, "context") is not None,
            timing=next(timed, None),
        )

    return lru_cache(_REMEMBERED)(find)


def parse_rules(data: object) -> RuleSet:
    """Read a rule set that was parsed from YAML or JSON. Raises `RuleError`."""
    file = a_mapping(data, "the rule set")
    only(file, _FILE_KEYS, "the rule set")
    version = file.get("rule_set")
    if not isinstance(version, str) or not version:
        raise RuleError("the rule set: rule_set must be a text that names this version")
    selectors = Selectors(_lists(file.get("lists", {})))
    rules = tuple(
        _rule(entry, step, number, selectors)
        for step in STEPS
        for number, entry in enumerate(a_list(file.get(step, []), step), start=1)
    )
    if not rules:
        raise RuleError(f"the rule set: there is no rule under {', '.join(STEPS)}")
    timings = tuple(
        _timing(entry, number, selectors)
        for number, entry in enumerate(a_list(file.get("timings", []), "timings"), start=1)
    )
    _unique([*rules, *timings])
    matcher = Matcher([*(rule.selected for rule in rules), *(timing.selected for timing in timings)])
    return RuleSet(version, rules, timings, _kinds(file.get("kinds", {})), matcher, _finder(matcher, rules, timings))


def _rule(entry: object, step: Step, number: int, selectors: Selectors) -> Rule:
    data = a_mapping(entry, f"{step}, rule number {number}")
    where = f"rule {_id(data, f'{step}, rule number {number}')}"
    only(data, _RULE_KEYS | selectors.keys, where)
    inner = data.get("as") == "substatement"
    if "as" in data and not inner:
        raise RuleError(f"{where}: as can only be substatement")
    return Rule(
        id=data["id"],
        step=step,
        cls=_word("class", "unclassified" if inner else data.get("class"), CLASSES, where),
        selected=selectors.read(data, where),
        inner=inner,
        learner=_word("learner", data.get("learner", "actor"), LEARNERS, where),
        role=_word("role", data.get("role", "learner"), ROLES, where),
        timed=_yes(data.get("timed", True), "timed", where),
        tags=tuple(sorted(texts(data["tags"], f"{where}: tags"))) if "tags" in data else (),
    )


def _timing(entry: object, number: int, selectors: Selectors) -> Timing:
    data = a_mapping(entry, f"timings, number {number}")
    where = f"timing {_id(data, f'timings, number {number}')}"
    only(data, _TIMING_KEYS | selectors.keys, where)
    return Timing(
        id=data["id"],
        selected=selectors.read(data, where),
        default_us=_minutes(data, "default_minutes", 0, where),
        cap_us=_minutes(data, "cap_minutes", 12 * 60, where),
        session_us=_minutes(data, "session_minutes", 4 * 60, where),
        media=_yes(data.get("media", False), "media", where),
    )


def _id(data: Mapping[str, Any], where: str) -> str:
    found = data.get("id")
    if not isinstance(found, str) or not found:
        raise RuleError(f"{where}: it has no id")
    if ":" in found:
        raise RuleError(f"rule {found}: a colon is for kind: and registry:, which are no rules of a file")
    return found


def _minutes(data: Mapping[str, Any], key: str, otherwise: int, where: str) -> int:
    value = data.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 24 * 60:
        raise RuleError(f"{where}: {key} must be a number from 0 to 1440")
    return round(value * _MINUTE_US)


def _lists(data: object) -> dict[str, list[object]]:
    return {name: a_list(value, f"list {name}") for name, value in a_mapping(data, "lists").items()}


def _kinds(data: object) -> dict[str, LearningClass]:
    named = a_mapping(data, "the rule set: kinds")
    return {kind: _word("class", value, CLASSES, f"kind {kind}") for kind, value in named.items()}


def _word(key: str, value: object, allowed: tuple[_T, ...], where: str) -> _T:
    for each in allowed:
        if value == each:
            return each
    raise RuleError(f"{where}: {key} must be one of {', '.join(map(str, allowed))}")


def _yes(value: object, key: str, where: str) -> bool:
    if not isinstance(value, bool):
        raise RuleError(f"{where}: {key} must be true or false")
    return value


def _unique(rules: list[Rule | Timing]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise RuleError(f"rule {rule.id}: the id is used twice")
        seen.add(rule.id)
