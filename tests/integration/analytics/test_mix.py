"""One person's mix over HTTP: the contract, windows, days, and that it says what was sent a moment ago."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.analytics.conftest import running
from tests.integration.analytics.statements import statement, voiding

MARCH = {"since": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}


async def formal(house, name="anna", **window):
    return (await house.told(f"/people/{await house.person(name)}/mix", **(window or MARCH)))["minutes"]["formal"]


async def test_what_was_just_posted_is_in_the_mix(house):
    await house.send(statement("anna"), statement("anna", "2026-03-02T10:15:00Z", "PT25M"))
    told = await house.told(f"/people/{await house.person('anna')}/mix", **MARCH)
    assert told["minutes"] == {"formal": 45.0, "social": 0.0, "experiential": 0.0}
    assert told["events"] == {"formal": 2, "social": 0, "experiential": 0}
    assert told["share"] is None  # nobody can see social and experiential learning here
    assert told["coverage"]["formal"] == {"reported": 1.0, "session": 0.0, "default": 0.0}
    assert (told["unclassified"], told["not_learning"]) == (0, 0)
    assert told["complete_through"] >= told["since"]
    assert (told["since"], told["until"]) == ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")
    assert told["visible"] == {"formal": True, "social": False, "experiential": False}
    assert told["lag"] == 0


async def test_twenty_times_over_a_post_is_in_the_next_answer(house):
    for number in range(20):
        await house.send(statement("anna", f"2026-03-02T{number:02}:40:00Z", "PT10M"))
        assert await formal(house) == (number + 1) * 10


async def test_a_void_takes_back_in_the_next_answer_and_leaves_what_it_covered(house):
    ids = await house.send(statement("anna", "2026-03-02T10:00:00Z", "PT1H"), statement("anna", duration="PT10M"))
    await house.send(voiding(ids[0]))
    assert await formal(house) == 10
    admin = await house.told(f"/people/{await house.person('admin')}/mix", **MARCH)
    assert admin["not_learning"] == 1
    assert admin["share"] is None


async def test_a_window_cuts_exactly_since_inclusive_until_exclusive(house):
    await house.send(statement("anna", "2026-03-02T10:00:00Z", "PT30M"))
    assert await formal(house, since="2026-03-02T09:40:00Z", until="2026-03-02T09:50:00.5Z") == 10.008333
    assert await formal(house, since="2026-03-02T10:50:00+01:00", until="2026-03-02T12:00:00+01:00") == 10
    path = f"/people/{await house.person('anna')}/mix"
    events = {
        until: (await house.told(path, since=since, until=until))["events"]["formal"]
        for since, until in (
            ("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"),
            ("2026-03-02T10:00:00Z", "2026-03-02T10:00:00.000001Z"),
            ("2026-03-02T10:00:00.000001Z", "2026-03-03T00:00:00Z"),
        )
    }
    assert list(events.values()) == [0, 1, 0]


async def test_a_claim_that_ends_long_after_the_window_still_reaches_into_it(house):
    await house.send(statement("anna", "2026-03-02T20:00:00Z", "PT11H"), statement("anna", duration="PT1M"))
    assert await formal(house, since="2026-03-02T09:00:00Z", until="2026-03-02T09:30:00Z") == 30


async def test_day_sums_equal_the_mix_where_the_clock_changes(house):
    """Two hours over the end of summer time in Amsterdam are two hours, and the day has 25."""
    await house.send(
        statement("anna", "2025-10-26T02:30:00+01:00", "PT2H"), statement("anna", "2025-10-25T22:30:00Z", "PT1H")
    )
    day = {"since": "2025-10-26T00:00:00+02:00", "until": "2025-10-27T00:00:00+01:00"}
    assert await formal(house, **day) == 150
    async with house.runtime.database.connection() as connection:
        rows = await connection.fetch("SELECT day::text, minutes_us / 60000000 AS m FROM analytics.person_days")
    assert {row["day"]: row["m"] for row in rows} == {"2025-10-25": 30, "2025-10-26": 150}


async def test_the_default_window_is_28_local_days_and_what_lies_ahead_is_only_counted(house):
    now = datetime.now(UTC)
    for days in (1, 40, -3):
        await house.send(statement("anna", (now - timedelta(days=days)).isoformat(), "PT30M"))
    told = await house.told(f"/people/{await house.person('anna')}/mix")
    assert told["minutes"]["formal"] == 30
    assert told["events"]["formal"] == 1
    assert told["flags"]["future"] == 1
    assert told["time_zone"] == "Europe/Amsterdam"


async def test_the_tenants_zone_is_a_setting_and_an_absurd_duration_is_flagged(database):
    async with running(database, time_zone="Asia/Tokyo") as house:
        await house.send(statement("anna"), statement("anna", "2026-03-05T10:00:00Z", "PT12H1S"))
        told = await house.told(f"/people/{await house.person('anna')}/mix", **MARCH)
        assert (told["minutes"]["formal"], told["flags"]["disbelieved"]) == (30, 1)
        assert told["time_zone"] == "Asia/Tokyo"


async def test_the_kind_of_the_source_decides_where_no_rule_does(house):
    seen = {}
    for kind in ("lms", "job_aid", "work_system", "coaching", "social", "other"):
        headers = await house.credential(kind=kind)
        made = statement("anna", verb={"id": "https://example.nl/verbs/did"})
        await house.send(made, headers=headers)
        told = await house.told(f"/people/{await house.person('anna')}/mix", **MARCH)
        seen[kind] = [told["events"][mode] for mode in ("formal", "social", "experiential")] + [told["unclassified"]]
    assert seen["lms"] == [1, 0, 0, 0]
    assert seen["work_system"] == [1, 0, 2, 0]
    assert seen["other"] == [1, 2, 2, 1]


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"since": "2026-03-02"}, "invalid_parameter"),
        ({"since": "2026-03-02T10:00:00"}, "invalid_parameter"),
        ({"until": "0001-01-01T00:00:00Z"}, "invalid_parameter"),
        ({"since": "2026-03-02T10:00:00Z", "until": "2026-03-02T10:00:00Z"}, "invalid_parameter"),
        ({"Since": "2026-03-02T10:00:00Z"}, "unknown_parameter"),
        ({"since": ["2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"]}, "invalid_parameter"),
    ],
)
async def test_a_window_that_cannot_be_read_is_refused(house, params, reason):
    await house.send(statement("anna"))
    for figures in ("mix", "why"):
        answer = await house.get(f"/people/{await house.person('anna')}/{figures}", **params)
        assert (answer.status_code, answer.json()["reason"]) == (400, reason)


async def test_without_the_log_the_mix_says_that_it_knows_no_lag(house):
    await house.send(statement("anna"))
    person = await house.person("anna")
    house.runtime.log.available = lambda: False
    told = await house.told(f"/people/{person}/mix", **MARCH)
    assert told["lag"] is None
    assert told["minutes"]["formal"] == 30


async def test_what_claimed_the_last_of_a_day_loses_it_to_something_that_comes_later(house):
    """A course over midnight; then the job aid that was open in its first minutes."""
    aid = await house.credential(kind="job_aid")
    await house.send(statement("anna", "2026-03-03T00:20:00+01:00", "PT30M"))
    monday = {"since": "2026-03-02T00:00:00+01:00", "until": "2026-03-03T00:00:00+01:00"}
    assert await formal(house, **monday) == 10
    await house.send(statement("anna", "2026-03-03T00:00:00+01:00", "PT15M"), headers=aid)
    assert await formal(house, **monday) == 0
