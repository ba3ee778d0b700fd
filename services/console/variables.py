"""`leermix settings`: every LEERMIX_ variable, what it means, its default, and what it is now."""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from services.common.settings import Settings
from services.console.exits import Exit, Failure, problem
from services.console.terminal import answer, answer_json, say

PREFIX = "LEERMIX_"
FOR_CONTRIBUTORS = {
    "LEERMIX_CACHE": (".cache in the repository", "Folder of what is fetched: the jars of Apache Kafka."),
    "LEERMIX_CORPUS": ("../shared/corpus", "Folder of the corpus of real statements, for tests."),
}
_PASSWORD = re.compile(r"(?<=://)([^/@:]*):[^@/]*@")


def run(*, as_json: bool) -> None:
    """Print them. A value that is not valid is named, and ends with the code of wrong usage."""
    rows = described(os.environ)
    problems = _problems() + slips(os.environ)
    if as_json:
        answer_json({"settings": rows, "problems": problems})
    else:
        answer("\n\n".join(_shown(row) for row in rows))
    if problems:
        raise Failure("; ".join(problems), Exit.USAGE)


def described(environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return each setting as {"name", "default", "value", "set", "meaning"}, secrets masked."""
    rows = []
    for name, field in Settings.model_fields.items():
        variable = PREFIX + name.upper()
        default = None if field.default is None else str(field.default)
        rows.append(_row(variable, default, field.description or "", environment))
    rows += [_row(name, default, meaning, environment) for name, (default, meaning) in FOR_CONTRIBUTORS.items()]
    return rows


def unknown(environment: Mapping[str, str]) -> list[str]:
    """Return the LEERMIX_ variables that mean nothing: most likely a slip of the pen."""
    known = {row["name"] for row in described({})}
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)


def slips(environment: Mapping[str, str]) -> list[str]:
    """Return what to tell of each unknown variable, with the setting that was most likely meant."""
    known = [row["name"] for row in described({})]
    told = []
    for name in unknown(environment):
        near = get_close_matches(name, known, n=1, cutoff=0.8)
        told.append(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else ""))
    return told


def say_slips() -> None:
    """Tell of unknown variables at a start, which goes on all the same."""
    for slip in slips(os.environ):
        say(f"Note: {slip}")


def masked(value: str) -> str:
    """Return a value without the password that an address may carry."""
    return _PASSWORD.sub(r"\1:***@", value)


def _row(name: str, default: str | None, meaning: str, environment: Mapping[str, str]) -> dict[str, Any]:
    given = environment.get(name)
    value = default if given is None else masked(given)
    return {"name": name, "default": default, "value": value, "set": given is not None, "meaning": meaning}


def _shown(row: dict[str, Any]) -> str:
    state = (
        f"{row['value']}  (set; default {row['default'] or 'none'})" if row["set"] else f"{row['value'] or 'not set'}"
    )
    return f"{row['name']} = {state}\n    {row['meaning']}"


def _problems() -> list[str]:
    try:
        Settings()
    except ValidationError as error:
        return [f"{PREFIX}{str(each['loc'][0]).upper()}: {problem(each)}" for each in error.errors() if each["loc"]]
    return []
