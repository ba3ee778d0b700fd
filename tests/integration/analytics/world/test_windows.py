"""Any window, cut anywhere: what is served is what everything adds up to, and what the oracle paints."""

import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from schemas.events import MODES
from schemas.xapi.agents import actor_key
from services.analytics import served
from services.analytics.api.parameters import text_of
from services.analytics.domain.minutes.facts import footprints
from services.analytics.domain.minutes.sums import window_sums
from services.analytics.domain.minutes.threads import held
from services.analytics.readings import Readings
from services.analytics.rules import base_data, base_rules
from tests.integration.analytics.world.conftest import batches
from tests.integration.analytics.world.figures import AMSTERDAM, facts, persons
from tests.oracle.compare import spoken
from tests.oracle.painting import window_figures
from tests.oracle.test_minutes import SECOND
from tests.world.world import world

BEGIN = int(datetime(2026, 10, 18, tzinfo=UTC).timestamp())
CLOCKS_GO_BACK = int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp())
DAY, HOUR = 86_400, 3600
HORIZON_US = int(datetime(2026, 11, 6, tzinfo=ZoneInfo(AMSTERDAM)).timestamp()) * SECOND


def windows(rng: random.Random) -> list[tuple[int, int]]:
    """Windows of minutes, hours and days, cut anywhere; some of whole days, some around the hour that comes twice."""
    found = [(CLOCKS_GO_BACK - HOUR, CLOCKS_GO_BACK), (CLOCKS_GO_BACK - 1, CLOCKS_GO_BACK + 1)]
    found += [(CLOCKS_GO_BACK - 3 * HOUR, CLOCKS_GO_BACK + 23 * HOUR), (BEGIN - 2 * HOUR, BEGIN + 12 * DAY)]
    for length in (300, HOUR, 5 * HOUR, DAY, 40 * HOUR, 6 * DAY):
        for _ in range(3):
            since = BEGIN + rng.randrange(13 * DAY)
            found.append((since, since + rng.randint(1, length)))
            noon = CLOCKS_GO_BACK + rng.randint(-length, length)
            found.append((noon - rng.randint(1, length), noon))
    return found


async def test_any_window_is_what_everything_in_it_adds_up_to(town):
    rng = random.Random(4343)
    made = world(16, 30, seed=43, busy=1.5).timely()
    for batch in batches(made.deliveries, 150, rng):
        await town.send(batch)
    await town.caught_up()
    asked = windows(rng)
    readings = Readings(base_rules().version, base_data(), ZoneInfo(AMSTERDAM))
    async with town.connection() as connection:
        whose, theirs = await persons(connection, "default"), await facts(connection, "default")
        expected = window_figures(made.deliveries, made.labels, lambda agent: whose[actor_key(agent)], asked)
        compared = 0
        for person, mine in theirs.items():
            everything, of = held(mine), await served.served(connection, readings, "default", person)
            for since, until in asked:
                for cut in (0, rng.randrange(1, SECOND)):
                    bounds = since * SECOND + cut, until * SECOND + cut
                    sums, _ = await served.sums(connection, of, *bounds, HORIZON_US)
                    told = {cls: spoken(row) for cls, row in sums.items() if spoken(row)}
                    whole = window_sums(footprints(everything), *bounds, HORIZON_US)
                    assert told == {cls: spoken(row) for cls, row in whole.items() if spoken(row)}, (person, bounds)
                    if not cut:
                        painted = {cls: row for (who, at, cls), row in expected.items()
                                   if who == person and at == (since, until)}  # fmt: skip
                        assert told == painted, (person, since, until)
                        compared += bool(told)
    assert compared > 200
    for person in rng.sample(sorted(theirs), 8):
        for window in rng.sample(asked, 10):
            await same_over_http(town, person, window, expected)


async def same_over_http(town, person, window, expected):
    since, until = (text_of(bound * SECOND) for bound in window)
    told = await town.house.told(f"/people/{person}/mix", since=since, until=until)
    rows = {mode: expected.get((person, window, mode), {}) for mode in MODES}
    for name in ("minutes", "measured", "given"):
        assert told[name] == {mode: round(row.get(name, 0) / 60, 6) for mode, row in rows.items()}, (person, window)
    for name in ("moments", "events"):
        assert told[name] == {mode: row.get(name, 0) for mode, row in rows.items()}, (person, window)
    beside = expected.get((person, window, "unclassified"), {})
    assert told["unclassified"] == beside.get("events", 0)
    assert told["unclassified_minutes"] == round(beside.get("minutes", 0) / 60, 6)
    assert told["flags"]["disbelieved"] == sum(row.get("disbelieved", 0) for row in (*rows.values(), beside))
