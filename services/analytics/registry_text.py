"""A registry as its writers write it: YAML (or JSON, which is YAML), with the line of every mistake."""

from collections.abc import Sequence
from typing import Any

import yaml

from schemas.registry import RegistryProblem
from services.analytics.domain.classify.registry import Registry, RegistryError, parse_registry

DEEPEST = 20
"""How deep a registry may nest; well made ones need five."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_registry(text: str, version: int = 1) -> Registry:
    """Return the registry that a text describes. Raises `RegistryError`, in which every mistake has its line."""
    try:
        see_that_it_is_flat(text)
        root, data = _read(text)
    except RegistryError:
        raise
    except yaml.YAMLError as error:
        raise RegistryError([RegistryProblem((), "the registry", f"it is not YAML: {_told(error, text)}")]) from None
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


def see_that_it_is_flat(text: str | bytes) -> None:
    """Refuse aliases, with which a small file could stand for one that fills the memory, and what nests deeper than a
    registry does, which takes the parser very long.

    Raises `RegistryError`, or what the parser raises for what is not YAML.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise _at(event, "a registry has no YAML aliases (*name): write it out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _at(event, f"a registry nests at most {DEEPEST} deep")


def _at(event: yaml.Event, detail: str) -> RegistryError:
    line = event.start_mark.line + 1 if event.start_mark else 1
    return RegistryError([RegistryProblem((), f"line {line}", detail)])


def _read(text: str) -> tuple[yaml.Node | None, Any]:
    """Return the text as nodes, which know their lines, and as the value that they make."""
    loader = _LOADER(text)
    try:
        root: yaml.Node | None = loader.get_single_node()
        return root, None if root is None else loader.construct_document(root)
    finally:
        loader.dispose()


def _told(error: yaml.YAMLError, text: str) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    # Where something is missing at its end, the parser points below the text.
    last = text.rstrip().count("\n") + 1
    return f"{problem} (line {min(mark.line + 1, last)})" if mark else problem


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
