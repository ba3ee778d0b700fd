"""What is wrong with a SCIM request, in SCIM's words (RFC 7644 3.12)."""

from typing import Literal

Type = Literal["invalidFilter", "invalidSyntax", "invalidPath", "invalidValue", "noTarget", "uniqueness"]


class WrongRequest(Exception):  # noqa: N818 - the name says what was found
    """The request cannot be taken; `kind` is its scimType."""

    def __init__(self, kind: Type, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind: Type = kind
        self.detail = detail
