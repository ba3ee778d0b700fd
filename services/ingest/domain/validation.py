"""From the bytes of a request to statements that follow the specification (xAPI 1.0.3 Data 2.2; IEEE 9274.1.1).

A valid statement costs one pass of the schema and a few look-ups; only an invalid one is looked at closely.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from schemas.reasons import Reason
from schemas.xapi.problems import first_problem, kind_of
from services.common.errors import Rejected
from services.ingest.domain.crosschecks import cross_check

Statement = dict[str, Any]


def parse(body: bytes) -> tuple[list[Statement], bool]:
    """The statements of a request body, and whether it was an array of them (an empty array is one).

    Rejected: EMPTY_BODY, MALFORMED_JSON (also NaN, lone surrogates, numbers beyond a double) and WRONG_TYPE.
    """
    if not body.strip():
        raise Rejected(Reason.EMPTY_BODY, "Expected a statement or an array of statements, found nothing.")
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Rejected(Reason.MALFORMED_JSON, _unreadable(error)) from None
    batch = isinstance(parsed, list)
    statements = parsed if batch else [parsed]
    for index, statement in enumerate(statements):
        if not isinstance(statement, dict):
            detail = f"Expected a statement, found {kind_of(statement)}."
            raise Rejected(Reason.WRONG_TYPE, detail, f"$[{index}]" if batch else "$")
    return statements, batch


def _unreadable(error: orjson.JSONDecodeError) -> str:
    """Why a body could not be read, and where; the parser's words hold nothing of the body."""
    if "not valid UTF-8" in error.msg:
        return "The body is not UTF-8 (Communication 1.4)."
    return f"The body is not JSON that can be read: {error.msg}, at line {error.lineno}, column {error.colno}."


def validate(statement: Statement, version: str, path: str = "$", *, sent: frozenset[str] = frozenset()) -> None:
    """Raise Rejected for the first problem of one statement, under the rules of an xAPI version.

    `path` is where the statement stands in its request; `sent` holds the SHA-2 sums, in lower case, of the
    attachments whose bytes came with the request.
    """
    problem = first_problem(version, statement)
    if problem is not None:
        raise Rejected(problem.reason, problem.detail, path + problem.path[1:])
    cross_check(statement, path, sent)


def validate_request(
    statements: Sequence[Statement], version: str, *, batch: bool, sent: frozenset[str] = frozenset()
) -> None:
    """Raise Rejected for the first problem of all statements of one request: it is refused whole (law 1)."""
    for index, statement in enumerate(statements):
        validate(statement, version, f"$[{index}]" if batch else "$", sent=sent)
    if batch:
        _distinct_ids(statements)


def _distinct_ids(statements: Sequence[Statement]) -> None:
    seen: set[str] = set()
    for index, statement in enumerate(statements):
        statement_id = statement.get("id", "").lower()
        if statement_id and statement_id in seen:
            detail = "Another statement of this request has this id."
            raise Rejected(Reason.DUPLICATE_ID, detail, f"$[{index}].id")
        seen.add(statement_id)
