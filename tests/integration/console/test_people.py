"""`leermix people` on a database of its own, nothing running: the same import as over HTTP."""

import asyncio
import json
import os
import sys

from tests.harness.firm import hr_file


async def leermix(database: str, *words: str, stdin: bytes = b"", code: int = 0) -> tuple[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEERMIX_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.console.main", *words,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=environment | {"LEERMIX_DATABASE_URL": database},
    )  # fmt: skip
    out, err = await process.communicate(stdin)
    assert process.returncode == code, err.decode()
    return out.decode(), err.decode()


async def test_a_dry_run_a_run_and_again(database, tmp_path):
    file = tmp_path / "hr.csv"
    file.write_bytes(hr_file(60))
    words = ("people", "import", str(file), "--json")
    shown = json.loads((await leermix(database, *words, "--dry-run"))[0])
    done, progress = await leermix(database, *words)
    assert json.loads(done)["counts"] == shown["counts"]
    assert shown["counts"]["people_added"] == 60
    assert "Writing 60" in progress
    again = json.loads((await leermix(database, *words, "--complete"))[0])
    assert {name: number for name, number in again["counts"].items() if number} == {"people_unchanged": 60}
    later = hr_file(60, later=True)
    told, _ = await leermix(database, "people", "import", "-", "--complete", "--dry-run", stdin=later)
    assert "people changed" in told
    assert "Nothing was changed: a dry run." in told
    assert "@" not in told


async def test_one_is_told_in_the_singular(database, tmp_path):
    file = tmp_path / "hr.csv"
    file.write_text("reference,mbox,team\n1,a@example.nl,north\n")
    told, _ = await leermix(database, "people", "import", str(file), "--dry-run")
    assert "2 identities linked, 1 membership opened" in told
    file.write_text("reference,account,team\n1,https://hr.example.nl|7,north\n")
    told, _ = await leermix(database, "people", "import", str(file), "--dry-run")
    assert "1 identity linked, 1 membership opened" in told
    file.write_text("reference,mbox,since\n1,a@example.nl,soon\n")
    _, told = await leermix(database, "people", "import", str(file), code=1)
    assert "Nothing was taken: 1 problem." in told


async def test_what_is_wrong_is_told_by_line(database, tmp_path):
    file = tmp_path / "hr.csv"
    file.write_text("reference,mbox,since\n1,anna,\n2,b@example.nl,soon\n")
    _, told = await leermix(database, "people", "import", str(file), code=1)
    assert "2 problems" in told
    assert "line 2, mbox:" in told
    assert "line 3, since:" in told
    out, _ = await leermix(database, "people", "import", str(file), "--json", code=1)
    assert [each["line"] for each in json.loads(out)["errors"]] == [2, 3]
    await leermix(database, "people", "import", str(tmp_path / "none.csv"), code=2)
    await leermix(database, "people", "import", str(file), "--tenant", "nobody", code=1)
    _, told = await leermix(database, "people", "import", "-", "--tenant", "nobody", stdin=b"reference\n1", code=2)
    assert "no tenant" in told


async def test_two_persons_are_made_one_and_two_again(database, tmp_path):
    import asyncpg

    file = tmp_path / "hr.csv"
    file.write_text("reference,mbox\n1,a@example.nl\n2,b@example.nl\n")
    await leermix(database, "people", "import", str(file))
    connection = await asyncpg.connect(database)
    query = "SELECT person::text FROM analytics.roster ORDER BY reference"
    one, other = [row[0] for row in await connection.fetch(query)]
    made = json.loads((await leermix(database, "people", "merge", one, other, "--json"))[0])
    assert [row[0] for row in await connection.fetch(query)] == [one, one]
    _, told = await leermix(database, "people", "merge", one, other, code=1)
    assert one in told
    await leermix(database, "people", "unmerge", made["merge"])
    assert [row[0] for row in await connection.fetch(query)] == [one, other]
    await leermix(database, "people", "merge", "anna", other, code=2)
    await connection.close()
