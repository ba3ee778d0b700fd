"""Events that no rule covers, or that the kind of their source alone decided, with the statements behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from services.analytics.domain.vocabulary import Reason
from services.common.database import Connection

_UNCLEAR = """
    -- The newest such events of the derivation that is served, within a time (index unclear_events).
    SELECT e.statement, e.person::text, e.class, e.end_us - e.start_us AS minutes_us
    FROM analytics.events e
    JOIN analytics.derivations d ON d.tenant = e.tenant AND d.derivation = e.derivation AND d.state = 'active'
    WHERE e.tenant = $1 AND e.t_us >= $2 AND e.t_us < $3
      AND NOT e.retracted AND (e.class = 'unclassified' OR e.rule LIKE 'kind:%')
      AND NOT EXISTS (SELECT FROM access.objections o WHERE o.tenant = e.tenant AND o.person = e.person)
    ORDER BY e.t_us DESC LIMIT $4
"""
_BODIES = """
    -- The statements of these ids.
    SELECT id, kind, statement FROM ingest_api.statements_v1 WHERE tenant = $1 AND id = ANY($2::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Unclear:
    """An event that somebody could say more of, with its statement and the kind of the source."""

    reason: Reason
    kind: str
    person: str
    minutes_us: int
    statement: dict[str, Any]


async def newest(connection: Connection, tenant: str, since_us: int, until_us: int, most: int) -> Sequence[Any]:
    """Return at most so many of the events in [since, until), the newest first; `read` reads their statements."""
    return list(await connection.fetch(_UNCLEAR, tenant, since_us, until_us, most))


async def read(connection: Connection, tenant: str, rows: Sequence[Any]) -> list[Unclear]:
    """Return these events with their statements; what the store no longer has is left out."""
    found = await connection.fetch(_BODIES, tenant, [row["statement"] for row in rows])
    bodies = {row["id"]: (row["kind"], orjson.loads(row["statement"])) for row in found}
    return [
        Unclear(
            "unclassified" if row["class"] == "unclassified" else "kind",
            bodies[row["statement"]][0],
            row["person"],
            row["minutes_us"],
            bodies[row["statement"]][1],
        )
        for row in rows
        if row["statement"] in bodies
    ]
