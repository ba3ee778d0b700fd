"""The same figures as JSON, CSV and Parquet; an answer that the client has is not sent again; targets beside a mix."""

import csv
import io
from datetime import date

import pyarrow.parquet
import pytest

from services.analytics.api.answers import PersonMix, PersonWhy
from tests.integration.analytics.statements import statement

MARCH = {"since": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}


async def anna(house):
    await house.send(statement("anna"), headers=await house.credential(kind="coaching"))
    await house.send(statement("anna", "2026-03-03T10:00:00Z", "PT90M"), headers=await house.credential(kind="job_aid"))
    await house.send(statement("anna", "2026-03-04T10:00:00Z", "PT1H"))
    return await house.person("anna")


async def test_answers_are_what_the_documentation_says(house):
    person = await anna(house)
    PersonMix.model_validate(await house.told(f"/people/{person}/mix", **MARCH))
    PersonWhy.model_validate(await house.told(f"/people/{person}/why", **MARCH))


async def test_a_mix_is_a_row_for_each_mode_in_any_format(house):
    person = await anna(house)
    told = (await house.told(f"/people/{person}/mix", **MARCH))["minutes"]
    assert told == {"formal": 60, "social": 30, "experiential": 90}
    plain = await house.get(f"/people/{person}/mix", format="csv", **MARCH)
    assert plain.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(plain.text)))
    assert {row["mode"]: float(row["minutes"]) for row in rows} == told
    dutch = await house.get(f"/people/{person}/mix", format="csv-nl", **MARCH)
    assert dutch.content.startswith(b"\xef\xbb\xbf")
    assert "0,333333" in dutch.text
    whole = await house.get(f"/people/{person}/mix", {"accept": "application/vnd.apache.parquet"}, **MARCH)
    read = pyarrow.parquet.read_table(io.BytesIO(whole.content)).to_pylist()
    assert {row["mode"]: row["minutes"] for row in read} == told
    refused = await house.get(f"/people/{person}/mix", format="xls")
    assert (refused.status_code, refused.json()["reason"]) == (400, "invalid_parameter")


async def test_why_is_a_row_for_each_stretch(house):
    person = await anna(house)
    answer = await house.get(f"/people/{person}/why", format="csv", **MARCH)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["mode"], float(row["minutes"])) for row in rows] == [
        ("social", 30), ("experiential", 90), ("formal", 60)
    ]  # fmt: skip


async def test_an_answer_that_the_client_has_is_not_sent_again(house):
    person = await anna(house)
    first = await house.get(f"/people/{person}/mix", **MARCH)
    same = await house.get(f"/people/{person}/mix", {"if-none-match": first.headers["etag"]}, **MARCH)
    assert (same.status_code, same.content) == (304, b"")
    await house.send(statement("anna", "2026-03-05T10:00:00Z", "PT5M"))
    other = await house.get(f"/people/{person}/mix", {"if-none-match": first.headers["etag"]}, **MARCH)
    assert (other.status_code, other.json()["minutes"]["formal"]) == (200, 65)


async def test_own_targets_and_those_around_stand_beside_the_mix(house):
    person = await anna(house)
    told = await house.told(f"/people/{person}/mix", **MARCH)
    assert (told["target"], told["gap"], told["context"]) == (None, None, [])
    assert told["reference"] == {"formal": 10, "social": 20, "experiential": 70}
    assert (await house.told(f"/people/{person}/mix", reference="false", **MARCH))["reference"] is None
    common = {"reason": "a new system", "owner": "the ward", "since": "2026-01-01", "until": str(date(2030, 1, 1))}
    wanted = common | {"theme": "t", "bands": {"social": {"low": 20, "high": 30}}}
    del wanted["owner"]  # it is the person's own
    made = await house.http.post(f"/analytics/v1/people/{person}/targets", json=wanted)
    assert made.status_code == 201, made.text
    everybody = common | {"scope": "organisation", "theme": "t", "bands": {"formal": {"low": 40, "high": 60}}}
    made = await house.http.post("/analytics/v1/targets", json=everybody)
    assert made.status_code == 201, made.text
    told = await house.told(f"/people/{person}/mix", **MARCH)
    assert told["target"]["social"]["low"] == 20
    assert told["gap"] == {"social": pytest.approx(-3.333333)}
    assert [(each["scope"], each["gap"]["formal"]) for each in told["context"]] == [
        ("organisation", pytest.approx(-6.666667))
    ]
    PersonMix.model_validate(told)
