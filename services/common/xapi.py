"""xAPI values as query parameters: held to the same rules as in a statement (Data 2.2, XAPI-00012)."""

from typing import Any

import orjson

from schemas.reasons import Reason
from schemas.xapi.agents import ifi
from schemas.xapi.problems import first_problem
from services.common.errors import Rejected

_ANY_VERSION = "1.0.3"
"""Agents and Groups are the same in every version."""


def agent_parameter(text: str, name: str = "agent") -> dict[str, Any]:
    """The Agent or Identified Group that the query parameter `name` holds as JSON, as it was sent.

    Rejected (INVALID_PARAMETER) with a path such as `agent.mbox` for anything else.
    """
    try:
        value = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        raise Rejected(Reason.INVALID_PARAMETER, "Expected an Agent as JSON.", name) from None
    problem = first_problem(_ANY_VERSION, value, "actor")
    if problem is not None:
        raise Rejected(Reason.INVALID_PARAMETER, problem.detail, name + problem.path[1:])
    agent: dict[str, Any] = value
    if ifi(agent) is None:
        raise Rejected(Reason.INVALID_PARAMETER, "An anonymous Group identifies nobody.", name)
    return agent
