"""Voiding (xAPI 1.0.3 Data 2.3.2): a statement whose verb takes another statement back."""

from typing import Any

VOIDED = "http://adlnet.gov/expapi/verbs/voided"


def voided_target(statement: dict[str, Any]) -> str | None:
    """The id, in lower case, of the statement that this valid statement voids; None when it voids nothing.

    Whether the target exists, or is itself a voiding statement (which cannot be voided), the store knows.
    """
    if statement["verb"]["id"] != VOIDED or statement["object"].get("objectType") != "StatementRef":
        return None
    target: str = statement["object"]["id"]
    return target.lower()
