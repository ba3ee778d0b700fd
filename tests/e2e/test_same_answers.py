"""One script, both modes, the same answers: what a first integration does, told step by step."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.harness.system import System

pytestmark = pytest.mark.timeout(300)

WINDOW = {"since": "2026-10-05T00:00:00+02:00", "until": "2026-10-06T00:00:00+02:00"}
ADL = "http://adlnet.gov/expapi"


def client(system: System, tenant: str, kind: str) -> httpx.Client:
    auth = system.credential(source=f"script-{kind}", kind=kind, tenant=tenant)
    headers = {"X-Experience-API-Version": "1.0.3", "X-Leermix-Viewer": "self"}
    return httpx.Client(base_url=system.origin, auth=auth, headers=headers, timeout=30)


def did(agent: dict[str, Any], verb: str, thing: str, ended: str, duration: str | None = None) -> dict[str, Any]:
    told = {
        "id": str(uuid4()),
        "actor": agent,
        "verb": {"id": verb},
        "object": {"id": thing},
        "timestamp": f"2026-10-05T{ended}+02:00",
    }
    return told | ({"result": {"duration": duration}} if duration else {})


def test_a_first_integration(system: System) -> None:
    tenant = f"script-{uuid4().hex[:8]}"
    agent = {"mbox": f"mailto:{uuid4()}@script.example"}
    lms, job_aid, social, other = (client(system, tenant, kind) for kind in ("lms", "job_aid", "social", "other"))
    neutral = "http://script.example/verbs/did"

    course = did(agent, neutral, "http://script.example/course", "10:30:00", "PT30M")
    assert lms.post("/xapi/statements", json=course).json() == [course["id"]]
    aid = did(agent, neutral, "http://script.example/aid", "10:20:00", "PT10M")
    assert job_aid.post("/xapi/statements", json=[aid]).status_code == 200
    talk = did(agent, neutral, "http://script.example/talk", "11:00:00")
    absurd = did(agent, neutral, "http://script.example/talk", "12:00:00", "PT21H")
    assert social.post("/xapi/statements", json=[talk, absurd]).json() == [talk["id"], absurd["id"]]
    login = did(agent, f"{ADL}/verbs/logged-in", "http://script.example/app", "09:00:00", "PT1H")
    unknown = did(agent, neutral, "http://script.example/thing", "13:00:00", "PT15M")
    mistake = did(agent, neutral, "http://script.example/thing", "14:00:00", "PT15M")
    assert other.post("/xapi/statements", json=[login, unknown, mistake]).status_code == 200
    void = did(agent, f"{ADL}/verbs/voided", "", "15:00:00")
    void["object"] = {"objectType": "StatementRef", "id": mistake["id"]}
    assert other.post("/xapi/statements", json=void).status_code == 200

    again = lms.post("/xapi/statements", json=course | {"object": {"id": "http://script.example/another"}})
    assert (again.status_code, again.json()["reason"], again.json()["ids"]) == (409, "conflict", [course["id"]])
    wrong = lms.post("/xapi/statements", json=[course, {"actor": agent}])
    assert (wrong.status_code, wrong.json()["reason"], wrong.json()["path"]) == (400, "missing_property", "$[1]")
    assert "verb" in wrong.json()["detail"]

    person = lms.get("/analytics/v1/people", params={"agent": json.dumps(agent)}).json()["id"]
    mix = told(lms, person)
    assert mix["minutes"] == {"formal": 20, "social": 0, "experiential": 10}
    assert mix["share"] == {"formal": pytest.approx(2 / 3), "social": 0, "experiential": pytest.approx(1 / 3)}
    assert mix["events"] == {"formal": 1, "social": 2, "experiential": 1}
    assert (mix["unclassified"], mix["flags"]["disbelieved"]) == (1, 1)

    first = lms.get(f"/recommend/v1/people/{person}/next").json()
    assert first["new"] is True
    assert "starter" in {why["code"] for why in first["why"]}  # nothing in the last 28 days
    second = lms.get(f"/recommend/v1/people/{person}/next").json()
    assert (second["suggestion"], second["new"]) == (first["suggestion"], False)

    stranger = lms.get(f"/analytics/v1/people/{person}/mix", headers={"X-Leermix-Viewer": str(uuid4())})
    assert (stranger.status_code, stranger.json()["reason"]) == (403, "forbidden")
    nobody = lms.get("/analytics/v1/people", params={"agent": '{"mbox": "mailto:nobody@script.example"}'})
    assert (nobody.status_code, nobody.json()["reason"]) == (404, "not_found")
    looks = [look["what"] for look in lms.get(f"/analytics/v1/people/{person}/looks").json()["looks"]]
    assert len(looks) >= 3


def told(http: httpx.Client, person: str) -> dict[str, Any]:
    """The mix once every record is counted: a void may take a moment longer where rulings travel (law 4)."""
    for _ in range(50):
        mix: dict[str, Any] = http.get(f"/analytics/v1/people/{person}/mix", params=WINDOW).json()
        if mix["unclassified"] == 1 and mix["lag"] == 0:
            break
    return mix
