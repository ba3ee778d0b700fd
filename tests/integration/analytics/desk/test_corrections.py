"""\"This is not right\": for the person alone, kept by identity, and derived anew in the request itself."""

from uuid import uuid4

import pytest

from schemas.xapi.agents import actor_key
from services.analytics.domain.voice.additions import ADDED
from services.analytics.domain.voice.corrections import Correction
from services.analytics.store import voice
from services.common.access.scopes import Scope
from tests.integration.analytics.statements import agent

MINUTE = 60_000_000


async def test_a_correction_is_kept_and_its_statement_derived_anew(desk):
    anna = await desk.person("anna")
    made = await desk.learned("anna", anna)
    path = f"/people/{anna}/events/{made}/correction"
    told = await desk.ask("PUT", path, json={"mode": "social", "minutes": 12.5})
    assert (told["statement"], told["mode"], told["minutes"]) == (made, "social", 12.5)
    assert (await desk.ask("GET", f"/people/{anna}/corrections"))["corrections"] == [told]
    assert desk.rederived == [("default", made)]
    async with desk.database.connection() as connection:
        held = await voice.corrections(connection, [("default", made), ("default", str(uuid4()))])
    assert held == {("default", made, actor_key(agent("anna"))): Correction("social", 750_000_000)}
    await desk.ask("PUT", path, json={"mode": "not_learning"})
    (line,) = (await desk.ask("GET", f"/people/{anna}/corrections"))["corrections"]
    assert (line["statement"], line["mode"], line["minutes"]) == (made, "not_learning", None)
    await desk.ask("DELETE", path, 204)
    assert len(desk.rederived) == 3
    assert (await desk.ask("GET", f"/people/{anna}/corrections"))["corrections"] == []
    await desk.ask("DELETE", path, 204)
    assert len(desk.rederived) == 3


async def test_only_the_person_corrects(desk):
    anna, bob = await desk.person("anna"), await desk.person("bob")
    made = await desk.learned("anna", anna)
    path, said = f"/people/{anna}/events/{made}/correction", {"mode": "social"}
    await desk.execute("INSERT INTO access.shares VALUES ('default', $1, $2)", anna, bob)
    for method in ("PUT", "DELETE"):
        await desk.refused(method, path, 403, "forbidden", json=said, headers={"x-leermix-viewer": bob})
    await desk.ask("PUT", path, json=said, headers={"x-leermix-viewer": anna})
    await desk.refused("PUT", f"/people/{bob}/events/{made}/correction", 404, "not_found", json=said)
    await desk.refused("PUT", f"/people/{uuid4()}/events/{made}/correction", 404, "not_found", json=said)
    await desk.refused("PUT", f"/people/{anna}/events/{uuid4()}/correction", 404, "not_found", json=said)
    groups = await desk.credential(Scope.ANALYTICS_READ, Scope.ANALYTICS_WRITE)
    await desk.refused("PUT", path, 403, "forbidden", json=said, headers=groups)
    elsewhere = await desk.credential(tenant="elsewhere")
    await desk.refused("PUT", path, 404, "not_found", json=said, headers=elsewhere)
    assert len(desk.rederived) == 1


async def test_what_is_derived_no_more_cannot_be_corrected_and_additions_are_taken_back_instead(desk):
    anna = await desk.person("anna")
    gone, added = await desk.learned("anna", anna), await desk.learned("anna", anna, cls="social", rule=ADDED)
    await desk.execute("UPDATE analytics.events SET retracted = true WHERE statement = $1", gone)
    said = {"json": {"minutes": 5}}
    await desk.refused("PUT", f"/people/{anna}/events/{gone}/correction", 404, "not_found", **said)
    await desk.refused("PUT", f"/people/{anna}/events/{added}/correction", 400, "invalid_parameter", **said)
    assert desk.rederived == []


@pytest.mark.parametrize(
    ("body", "reason", "path"),
    [
        (b"", "empty_body", "$"),
        (b"{", "malformed_json", "$"),
        (b"{}", "invalid_value", "$"),
        (b'{"mode": null, "minutes": null}', "invalid_value", "$"),
        (b'{"mode": "unclassified"}', "invalid_value", "$.mode"),
        (b'{"mode": "not_learning", "minutes": 3}', "invalid_value", "$"),
        (b'{"minutes": 0}', "invalid_value", "$.minutes"),
        (b'{"minutes": 1e-09}', "invalid_value", "$.minutes"),
        (b'{"minutes": 0.0166}', "invalid_value", "$.minutes"),
        (b'{"minutes": -1}', "invalid_value", "$.minutes"),
        (b'{"minutes": 720.5}', "invalid_value", "$.minutes"),
        (b'{"minutes": "5"}', "invalid_value", "$.minutes"),
        (b'{"minutes": true}', "invalid_value", "$.minutes"),
        (b'{"minutes": 5, "hours": 1}', "unknown_property", "$.hours"),
    ],
)
async def test_what_says_nothing_or_cannot_be_is_refused(desk, body, reason, path):
    anna = await desk.person("anna")
    made = await desk.learned("anna", anna)
    assert await desk.refused("PUT", f"/people/{anna}/events/{made}/correction", 400, reason, content=body) == path


async def test_the_least_is_a_second_and_a_refusal_speaks_plainly(desk):
    anna = await desk.person("anna")
    path = f"/people/{anna}/events/{await desk.learned('anna', anna)}/correction"
    assert (await desk.ask("PUT", path, json={"minutes": 0.016667}))["minutes"] == 0.016667
    assert (await desk.ask("PUT", path, json={"minutes": 1 / 60}))["minutes"] == 0.016667
    said = [
        ({"minutes": 1e-9}, "at least a second"),
        ({}, "say another mode or other minutes"),
    ]
    for body, words in said:
        answer = await desk.http.put(f"/analytics/v1{path}", json=body)
        assert answer.json()["detail"].startswith(words)


async def test_a_correction_follows_its_identity(desk):
    """Marks are of identities: after a merge they are the kept person's, who may take them back."""
    anna, other = await desk.person("anna"), await desk.person("annas-phone")
    made = await desk.learned("annas-phone", other)
    await desk.ask("PUT", f"/people/{other}/events/{made}/correction", json={"minutes": 5})
    await desk.execute("UPDATE analytics.identities SET person = $1 WHERE person = $2", anna, other)
    assert len((await desk.ask("GET", f"/people/{anna}/corrections"))["corrections"]) == 1
    await desk.ask("DELETE", f"/people/{anna}/events/{made}/correction", 204)
    assert await desk.rows("SELECT FROM analytics.corrections") == []
