"""By rank, over HTTP: every answer about groups on three days, decoded to whom its minutes are of (law 9; MIX.md 3).

Each statement lasts a power of two of a small unit, so that any sum of minutes tells which statements are in it. Roles,
locations, sources, a tree of teams; then many change, some object, and one more does something.
"""

from itertools import product
from typing import Any

import pytest

from tests.integration.analytics.statements import statement
from tests.unit.analytics.groups.reckoning import Term, few

UNIT_US = 6_000  # 0.0001 minutes
K = 5
TEAMS = {"a": None, "b": None, "c": "b", "d": "b", "e": None}
PEOPLE = 16


class World:
    """Who did what: by number of the statement, so by bit, whose it is."""

    def __init__(self) -> None:
        self.owners: list[int] = []
        self.numbers: list[int] = []

    def next(self, person: int) -> dict[str, Any]:
        bit = len(self.owners)
        self.owners.append(person)
        day = 1 + bit % 28
        microseconds = UNIT_US << bit
        duration = f"PT{microseconds // 1_000_000}.{microseconds % 1_000_000:06}S"
        return statement(f"p{person}", f"2026-03-{day:02}T{8 + bit // 28:02}:00:00Z", duration)

    def take(self, minutes: float) -> None:
        """Note a number of minutes as the sum that it is."""
        left, of = round(minutes * 60_000_000 / UNIT_US), {}
        assert abs(left * UNIT_US - minutes * 60_000_000) < UNIT_US / 10
        for bit, owner in enumerate(self.owners):
            if left >> bit & 1:
                of.setdefault(owner, []).append(bit)
        self.numbers.append(Term(left, {(f"p{owner}", tuple(bits)): 1 for owner, bits in of.items()}))


async def gather(house, world: World) -> int:
    """Ask for everything, and note every number of minutes; how many answers told something."""
    told = 0
    nodes = ["/organisation", *(f"/teams/{team}" for team in TEAMS)]
    asked: list[tuple[str, dict[str, str]]] = [
        (f"{node}/mix", {"month": "2026-03", "by": by} | ({"source": source} if source else {}))
        for node, by, source in product(nodes, ("minutes", "events"), ("", "app-lms", "app-other", "app-coaching"))
    ]
    asked += [(f"/roles/{role}/mix", {"month": "2026-03"}) for role in ("nurse", "doctor")]
    asked += [(f"/locations/{place}/mix", {"month": "2026-03"}) for place in ("north", "south")]
    asked += [(f"{node}/trend", {"from": "2026-02", "until": "2026-03"}) for node in nodes]
    for path, params in asked:
        answer = await house.told(path, **params)
        for each in answer.get("months", [answer]):
            if "minutes" in each:
                told += not each["hidden"]
                for number in (each["minutes"]["formal"], each["unclassified_minutes"]):
                    if number is not None:
                        world.take(number)
    return told


async def place(house) -> None:
    ids = [await house.person(f"p{n}") for n in range(PEOPLE)]
    teams = [list(TEAMS)[n % 5] if n < 12 else "a" for n in range(PEOPLE)]
    async with house.runtime.database.connection() as connection:
        await connection.executemany(
            "INSERT INTO analytics.teams (tenant, team, name, parent) VALUES ('default', $1, $1, $2)",
            list(TEAMS.items()),
        )
        await connection.executemany(
            "INSERT INTO analytics.memberships (tenant, person, team, role, location, since) "
            "VALUES ('default', $1, $2, $3, $4, date '2026-01-01')",
            [(ids[n], teams[n], "nurse" if n % 3 else "doctor", "north" if n < 8 else "south") for n in range(PEOPLE)],
        )


@pytest.mark.parametrize(
    ("changing", "objecting", "follows"), [((3, 4), (1, 9), False), ((0, 5, 10, 12, 13, 14), (9,), True)]
)
async def test_no_sum_of_all_answers_of_three_days_is_of_fewer_than_five(house, changing, objecting, follows):
    world = World()
    lms, other = await house.credential(), await house.credential(kind="other")
    await house.send(*(world.next(n) for n in range(PEOPLE)), headers=lms)
    await place(house)
    assert await gather(house, world) > 4
    before = await house.told("/organisation/mix", month="2026-03")
    await house.send(*(world.next(n) for n in changing), headers=other if len(changing) < K else lms)
    ids = [await house.person(f"p{n}") for n in objecting]
    async with house.runtime.database.connection() as connection:
        await connection.execute(
            "INSERT INTO access.objections (tenant, person) SELECT 'default', unnest($1::uuid[])", ids
        )
    await gather(house, world)
    after = await house.told("/organisation/mix", month="2026-03")
    assert (after["minutes"] != before["minutes"]) is follows
    await house.send(world.next(7), headers=lms)
    await gather(house, world)
    assert few(world.numbers, K) is None
    assert len(world.numbers) > 50
