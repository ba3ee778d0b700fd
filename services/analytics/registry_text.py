"""A registry as its writers write it: YAML (or JSON, which is YAML), with the line of every mistake."""

from collections.abc import Sequence
from typing import Any

import yaml

from schemas.registry import RegistryProblem
from services.analytics.domain.classify.registry import Registry, RegistryError, parse_registry


def read_registry(text: str, version: int = 1) -> Registry:
    """Return the registry that a text describes. Raises `RegistryError`, in which every mistake has its line."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RegistryError([RegistryProblem((), "the registry", f"it is not YAML: {_told(error)}")]) from None
    except (RecursionError, ValueError) as error:
        raise RegistryError([RegistryProblem((), "the registry", f"it cannot be read: {error}")]) from None
    twice = list(_twice(root)) if root is not None else []
    if twice:
        raise RegistryError(twice)
    try:
        return parse_registry(data, version)
    except RegistryError as wrong:
        lines = sorted(((_line(root, each.path), each) for each in wrong.problems), key=lambda pair: pair[0])
        raise RegistryError(each._replace(where=f"line {line}, {each.where}") for line, each in lines) from None


def _told(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    return f"{problem} (line {mark.line + 1})" if mark else problem


def _line(node: yaml.Node | None, path: Sequence[str | int]) -> int:
    """The line on which the value at a path stands, or that of the nearest thing around it that is there."""
    line = 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pairs = [pair for pair in node.value if pair[0].value == step]
            if not pairs:
                break
            line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _twice(node: yaml.Node) -> list[RegistryProblem]:
    """Keys that one mapping has twice: YAML would keep the last one and say nothing."""
    found: list[RegistryProblem] = []
    waiting: list[Any] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, yaml.SequenceNode):
            waiting += each.value
        elif isinstance(each, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in each.value:
                waiting.append(value)
                name = str(key.value)
                if name in seen:
                    where = f"line {key.start_mark.line + 1}"
                    found.append(RegistryProblem((), where, f"the key {name} stands in one mapping twice"))
                seen.add(name)
    return found
