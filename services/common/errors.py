"""The failures of leermix, on one page: three kinds, three paths (law 7).

Bad data is a `Rejected` and becomes an HTTP 4xx or a dead letter. A dependency that is away is an `Unavailable`
and is waited for. Everything else is a bug and is loud.
"""

from typing import Any

from schemas.reasons import Reason


class Rejected(Exception):  # noqa: N818 - the name says what happened to the input
    """The input is bad: the sender must change it.

    `reason` is the word of the closed vocabulary, `path` a JSON path to what is wrong (`$.actor.mbox`, or for a
    batch `$[3].actor.mbox`), `detail` one sentence that says what was found and what would be right. None of them
    may carry the offending value itself when it could be personal data. `more` stands beside them in the answer.
    """

    def __init__(self, reason: Reason, detail: str, path: str = "$", **more: Any) -> None:
        super().__init__(f"{reason} at {path}: {detail}")
        self.reason = reason
        self.detail = detail
        self.path = path
        self.more = more


class Unavailable(Exception):  # noqa: N818
    """Something this needs is away; the same request may succeed later. `what` names the dependency."""

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(f"{what}: {detail}")
        self.what = what
        self.detail = detail


class TooSlow(Unavailable):
    """A statement was given up because it took too long. Whether PostgreSQL is away, or this was too much for it at
    once, only another question to it can tell (`Database.answers_elsewhere`).
    """


class PositionOutOfRange(Exception):  # noqa: N818
    """A group's stored position lies outside the log: records were trimmed unread, or the log was replaced.

    Nothing is skipped silently: the group stops until an operator says where to go on (`leermix groups reset`).
    `topic`, `partition` and `position` are where it stands.
    """

    def __init__(self, message: str, *, topic: str, partition: int, position: int) -> None:
        super().__init__(message)
        self.topic = topic
        self.partition = partition
        self.position = position


class Stale(Exception):  # noqa: N818
    """The group's position was moved by somebody else: this owner is stale and must drop what it has read."""
