"""Classification for the commands: our rules with an organisation's registry, read from a file, laid over them.

This stands in for domain/classify until that is there, in this one place. Of a registry it knows `things` with their
mode, default_minutes and cap_minutes, by id, prefix, type and verbs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from schemas.xapi.agents import ifi
from services.analytics.domain import first_classify
from services.analytics.domain.classify.classified import Classified, Learner
from services.analytics.domain.recorded import Classifier
from services.analytics.domain.standing import Content
from services.analytics.rules import base_rules
from services.console.exits import Exit, Failure

_MINUTE_US = 60_000_000
_LENGTH = "https://w3id.org/xapi/video/extensions/length"


def classifier(registry: Path | None) -> Classifier:
    """Return what classifies a statement with what is known of its source."""
    things = _things(registry) if registry else []
    rules = base_rules()

    def classify(content: Content) -> Classified:
        statement = content.statement
        found = first_classify.classify(statement, content.kind, rules)
        entry = next((each for each in things if _selects(each, statement)), {})
        default_us = entry.get("default_minutes", 0) * _MINUTE_US
        return Classified(
            cls=entry.get("mode", found.cls),
            rule=found.rule_id,
            learners=_learners(statement),
            default_us=default_us,
            default_from="registry" if default_us else "",
            cap_us=_cap_us(statement, entry),
            timed=content.kind != "work_system",
        )

    return classify


def _things(file: Path) -> list[dict[str, Any]]:
    try:
        things = yaml.safe_load(file.read_text(encoding="utf-8"))["things"]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise Failure(f"{file}: not a registry ({error})", Exit.USAGE) from error
    return list(things)


def _selects(entry: Mapping[str, Any], statement: Mapping[str, Any]) -> bool:
    target = statement["object"]
    return (
        (statement["verb"]["id"] in entry.get("verbs", [statement["verb"]["id"]]))
        and entry.get("id", target.get("id")) == target.get("id")
        and str(target.get("id")).startswith(entry.get("id_prefix", ""))
        and entry.get("activity_type") in (None, target.get("definition", {}).get("type"))
    )


def _cap_us(statement: Mapping[str, Any], entry: Mapping[str, Any]) -> int:
    if "cap_minutes" in entry:
        return int(entry["cap_minutes"] * _MINUTE_US)
    length = statement.get("context", {}).get("extensions", {}).get(_LENGTH)
    return int(2 * length * 1_000_000) if length else Classified("formal", "").cap_us


def _learners(statement: Mapping[str, Any]) -> tuple[Learner, ...]:
    target = statement["object"]
    actors = tuple(Learner(each.agent) for each in first_classify.learners(statement) if ifi(each.agent))
    if statement["verb"]["id"].endswith(("mentored", "coached")) and target.get("objectType") == "Agent":
        return (Learner(target), *(Learner(each.agent, "coach") for each in actors))
    return actors
