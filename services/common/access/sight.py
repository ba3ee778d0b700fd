"""Who may look at one person's figures: the person, and whom that person shares them with (law 9).

A credential with `people/read` is an app's door, not a right to look: each request names its viewer, and each look is
kept for the person to see. Shares are read in the request itself, so a revoked one holds in the very next answer.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from schemas.reasons import Reason
from services.common.access.credentials import Caller
from services.common.database import Connection
from services.common.errors import Rejected

SELF = "self"


_LOOK = """
    -- Keep a look, if it may be: whether the person shares with the viewer (null: the person), and objects to none.
    WITH asked AS (
        SELECT $3::uuid IS NULL
                   OR EXISTS (SELECT FROM access.shares WHERE tenant = $1 AND person = $2 AND viewer = $3) AS shared,
               EXISTS (SELECT FROM access.objections WHERE tenant = $1 AND person = $2) AS objected
    ), kept AS (
        INSERT INTO access.looks (tenant, person, viewer, source, what)
        SELECT $1, $2, $4, $5, $6 FROM asked WHERE shared AND NOT objected
    )
    SELECT shared, objected FROM asked
"""


def viewer_of(header: str | None) -> UUID | str:
    """Return the viewer a request names: `self`, or the viewer's person id. Raises `Rejected`."""
    if header is None or not header.strip():
        raise Rejected(
            Reason.MISSING_PARAMETER,
            "name who is looking: X-Leermix-Viewer: self, or the viewer's person id",
            "X-Leermix-Viewer",
        )
    if header.strip() == SELF:
        return SELF
    try:
        return UUID(header.strip())
    except ValueError as error:
        raise Rejected(
            Reason.INVALID_PARAMETER, "X-Leermix-Viewer is `self` or a person id (a UUID)", "X-Leermix-Viewer"
        ) from error


async def look(connection: Connection, caller: Caller, person: UUID, viewer: UUID | str, what: str) -> None:
    """Let the viewer look at this person, and keep the look: one statement, which needs no transaction around it.

    Raises `Rejected`: `FORBIDDEN` without a share, `OBJECTED` when the person objects to figures, whoever looks.
    """
    own = viewer in (SELF, person)
    kept = SELF if own else str(viewer)
    rows = await connection.fetch(_LOOK, caller.tenant, person, None if own else viewer, kept, caller.source, what)
    if not rows[0]["shared"]:
        raise Rejected(
            Reason.FORBIDDEN, "this person does not share these figures with that viewer", "X-Leermix-Viewer"
        )
    if rows[0]["objected"]:
        raise Rejected(Reason.OBJECTED, "this person objects to figures about themselves: none are made or told", "id")


async def looks(
    connection: Connection, tenant: str, person: UUID, limit: int, before: datetime
) -> list[dict[str, Any]]:
    """Return the looks at a person, newest first."""
    rows = await connection.fetch(
        """
        SELECT at, viewer, source, what FROM access.looks
        WHERE tenant = $1 AND person = $2 AND at < $3 ORDER BY at DESC LIMIT $4
        """,
        tenant,
        person,
        before,
        limit,
    )
    return [dict(row) for row in rows]


async def share(connection: Connection, tenant: str, person: UUID, viewer: UUID) -> None:
    """Let the viewer look at this person from now on."""
    await connection.execute(
        "INSERT INTO access.shares (tenant, person, viewer) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        tenant,
        person,
        viewer,
    )


async def unshare(connection: Connection, tenant: str, person: UUID, viewer: UUID) -> None:
    """Take that back; it holds in the very next answer."""
    await connection.execute(
        "DELETE FROM access.shares WHERE tenant = $1 AND person = $2 AND viewer = $3", tenant, person, viewer
    )


async def shares(connection: Connection, tenant: str, person: UUID) -> list[UUID]:
    """Return whom this person shares with, the longest first."""
    rows = await connection.fetch(
        "SELECT viewer FROM access.shares WHERE tenant = $1 AND person = $2 ORDER BY created", tenant, person
    )
    return [row["viewer"] for row in rows]
