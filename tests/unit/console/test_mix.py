"""`leermix mix`: the table of MIX.md 1 through the command, and what it does with files that are not as they should."""

import csv
import hashlib
import json
import shlex
import subprocess
import sys
from collections import defaultdict

import pytest
import yaml

from schemas.xapi.agents import actor_key
from services.console.exits import Exit, Failure
from services.console.export import identity_text
from services.console.people_file import people_in

ADL = "http://adlnet.gov/expapi/verbs/"
COURSE = {"id": "https://lms.example.nl/c", "definition": {"type": "http://adlnet.gov/expapi/activities/course"}}
QUESTION = "http://adlnet.gov/expapi/activities/cmi.interaction"
FORUM = "http://id.tincanapi.com/activitytype/forum-topic"
VIDEO = "https://w3id.org/xapi/video/activity-type/video"
AID = {"id": "https://intranet.example.nl/werkinstructies/1"}
TOPIC = {"id": "https://wiki.example.nl/1", "definition": {"type": FORUM}}
LENGTH = "https://w3id.org/xapi/video/extensions/length"
FILM = {"id": "https://video.example.nl/1", "definition": {"type": VIDEO}}
REGISTRY = {
    "registry": 1,
    "things": [
        {"id_prefix": "https://intranet.example.nl/werkinstructies/", "mode": "experiential", "default_minutes": 3},
        {"activity_type": FORUM, "mode": "social", "default_minutes": 2},
        {"activity_type": VIDEO, "mode": "formal", "default_minutes": 1},
    ],
}


@pytest.fixture
def mix(tmp_path):
    """Run the command on lines; returns its exit code, what it printed line by line, and what it said."""

    def run(*lines, registry=REGISTRY, people=None, zone="Europe/Amsterdam"):
        command = [sys.executable, "-m", "services.console.main", "mix", "--time-zone", zone]
        if registry is not None:
            (tmp_path / "registry.yaml").write_text(yaml.safe_dump(registry))
            command += ["--registry", str(tmp_path / "registry.yaml")]
        if people is not None:
            (tmp_path / "people.csv").write_text(people)
            command += ["--people", str(tmp_path / "people.csv")]
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    return run


class Row:
    """A row of the table: a person of its own, and the statements of it."""

    def __init__(self, name):
        self.name, self.person, self.said = name, f"mailto:{name}@example.nl", []

    def say(self, verb, when, duration=None, on=COURSE, registration=True, **more):
        day, _, clock = when.rpartition(" ")
        said = {
            "id": f"{self.name}-{len(self.said)}",
            "actor": {"mbox": self.person},
            "verb": {"id": verb if "/" in verb else ADL + verb},
            "object": on,
            "timestamp": when if "T" in when else f"2026-11-{int(day or 2):02}T{clock}:00+01:00",
        } | more
        if duration:
            said["result"] = {"duration": duration}
        if registration and on is COURSE:
            said["context"] = {"registration": "11111111-1111-4111-8111-111111111111"}
        self.said.append({"statement": said, "source": "lms", "kind": "lms"})
        return self


def scorm(name):
    row = Row(name).say("launched", "10:00")
    for n in range(10):
        question = {"id": f"{COURSE['id']}/q{n}", "definition": {"type": QUESTION}}
        context = {"registration": "11111111-1111-4111-8111-111111111111"}
        row.say("answered", f"10:{3 + n:02}", "PT1M", on=question, context=context)
    return row.say("completed", "10:30", "PT30M").say("terminated", "10:31", "PT31M")


def three_days(name):
    row = Row(name)
    for day in (2, 3, 4):
        row.say("launched", f"{day} 09:00").say("terminated", f"{day} 10:40", "PT1H40M")
    return row.say("completed", "4 10:40", "PT5H")


def course_and(name):
    return Row(name).say("completed", "10:30", "PT30M")


KIM = {"objectType": "Agent", "mbox": "mailto:kim@example.nl"}
ANNA = {"mbox": "mailto:anna@example.nl"}
ANNA_TOO = {"mbox_sha1sum": hashlib.sha1(ANNA["mbox"].encode()).hexdigest()}
TRIO = {"objectType": "Group", "member": [ANNA, {"mbox": "mailto:bob@example.nl"}, ANNA_TOO]}

# Each row: what is said, and the minutes of its person by mode; the rest of the table is asked for below.
TABLE = [
    (scorm("scorm"), {"formal": 31}),
    (
        Row("retold").say("launched", "10:00").say("completed", "10:30", "PT30M").say("terminated", "10:35", "PT31M"),
        {"formal": 31},
    ),
    (scorm("passed").say("passed", "3 02:00", "PT31M"), {"formal": 31}),
    (three_days("running"), {"formal": 300}),
    (
        Row("left-open").say("launched", "09:00").say("answered", "09:05").say("terminated", "17:00"),
        {"formal": 5},
    ),
    (Row("session").say("launched", "09:00").say("answered", "09:05").say("terminated", "11:00"), {"formal": 120}),
    (
        Row("played").say("played", "10:00").say("paused", "10:05").say("played", "10:25").say("paused", "10:30"),
        {"formal": 10},
    ),
    (
        course_and("aid-in-course").say("opened", "10:10", on=AID).say("closed", "10:13", on=AID),
        {"formal": 27, "experiential": 3},
    ),
    (course_and("commented").say("commented", "10:10", on=TOPIC), {"formal": 28, "social": 2}),
    (Row("closed").say("opened", "10:00", on=AID).say("closed", "10:01", on=AID), {"experiential": 1}),
    (Row("never-closed").say("opened", "10:00", on=AID), {"experiential": 3}),
    (
        Row("film").say("completed", "10:00", "PT21H", on=FILM, context={"extensions": {LENGTH: 60}}),
        {"formal": 1},
    ),
    (Row("midnight").say("completed", "3 00:20", "PT30M"), {"formal": 30}),
    (Row("clock").say("completed", "2026-10-25T02:30:00+01:00", "PT2H"), {"formal": 120}),
    (Row("trio").say("attended", "11:00", "PT1H", actor=TRIO), {}),
    (Row("coach").say("http://id.tincanapi.com/verb/mentored", "11:00", "PT30M", on=KIM), {"social": 0}),
]


def minutes(lines, field="minutes"):
    found = defaultdict(lambda: defaultdict(float))
    for line in lines:
        found[line["person"]][line["mode"]] += line[field]
    return found


@pytest.fixture
def table(mix):
    code, lines, _ = mix(*(said for row, _ in TABLE for said in row.said))
    assert code == 0
    return lines


def test_the_table_of_mix_md_through_the_command(table):
    found = minutes(table)
    assert {row.name: dict(found[f"mbox|{row.person}"]) for row, _ in TABLE} == {
        row.name: expected for row, expected in TABLE
    }
    measured = minutes(table, "measured")["mbox|mailto:commented@example.nl"]
    assert measured == {"formal": 30, "social": 0}


def test_the_rows_of_the_table_about_days_groups_and_time_given(table):
    days = {(line["person"].partition("mailto:")[2].partition("@")[0], line["day"]): line for line in table}
    assert (days["midnight", "2026-11-02"]["minutes"], days["midnight", "2026-11-03"]["minutes"]) == (10, 20)
    assert days["clock", "2026-10-25"]["minutes"] == 120
    assert (days["anna", "2026-11-02"]["minutes"], days["bob", "2026-11-02"]["minutes"]) == (60, 60)
    assert days["kim", "2026-11-02"]["minutes"] == 30
    coach = days["coach", "2026-11-02"]
    assert (coach["minutes"], coach["given"], coach["claims"][0]["role"]) == (0, 30, "coach")
    (film,) = days["film", "2026-11-02"]["claims"]
    assert (film["known"], film["flags"]) == ("default", ["disbelieved"])


def test_lines_are_in_order_and_say_why(table):
    keys = [(line["person"], line["day"], line["mode"]) for line in table]
    assert keys == sorted(keys)
    (aid,) = [line for line in table if "never-closed" in line["person"]]
    why = aid.pop("claims")
    assert aid == {
        "person": "mbox|mailto:never-closed@example.nl",
        "day": "2026-11-02",
        "mode": "experiential",
        "minutes": 3.0,
        "measured": 0.0,
        "moments": 1,
        "events": 1,
        "given": 0.0,
    }
    assert (why[0]["statement"], why[0]["start"], why[0]["end"], why[0]["known"]) == (
        "never-closed-0",
        "2026-11-02T09:00:00.000000Z",
        "2026-11-02T09:03:00.000000Z",
        "default",
    )


def test_plain_statements_bad_lines_repeats_and_people(mix):
    one = Row("x").say("completed", "10:30", "PT30M").said[0]["statement"]
    other = one | {"id": "other", "actor": {"account": {"homePage": "https://hr.example.nl", "name": "7"}}}
    people = "name,person,identity\nX,P7,mailto:x@example.nl\nX,P7,https://hr.example.nl|7\n"
    code, lines, said = mix(one, "{", "[1]", '{"id": 1}', "", one, other, registry=None, people=people)
    assert (code, [(line["person"], line["minutes"], line["events"]) for line in lines]) == (0, [("P7", 30.0, 2)])
    assert [f"line {number}:" in said for number in range(1, 8)] == [False, True, True, True, False, False, False]
    assert "3 of 6 lines" in said


def test_a_statement_without_a_timestamp_is_of_its_arrival(mix):
    row = Row("late").say("opened", "10:00", on=AID)
    bare = {name: value for name, value in row.said[0]["statement"].items() if name != "timestamp"}
    stored = "2026-11-05T12:00:00.123456Z"
    lines = [
        {"statement": bare | {"id": "a"}, "source": "s", "kind": "job_aid", "arrived": "2026-11-03T12:00:00Z"},
        bare | {"id": "b", "stored": stored},
        bare | {"id": "c", "stored": stored, "timestamp": stored},
        bare | {"id": "d"},
        bare | {"id": "e", "stored": "2026-11-06T12:00:00Z", "timestamp": "2026-11-06T12:00:00Z"},
    ]
    code, found, _ = mix(*lines)
    flagged = {claim["statement"]: (line["day"], claim["flags"]) for line in found for claim in line["claims"]}
    assert code == 0
    assert flagged == {
        "a": ("2026-11-03", ["arrival"]),
        "b": ("2026-11-05", ["arrival"]),
        "c": ("2026-11-05", ["arrival"]),
        "d": ("1970-01-01", ["arrival"]),
        "e": ("2026-11-06", []),
    }


def test_a_line_that_cannot_be_read_is_told_in_words(mix):
    good = Row("x").say("completed", "10:30", "PT30M").said[0]["statement"]
    wrong = [
        (7, "not a JSON object"),
        ({"statement": 7}, "statement: expected an object"),
        (good | {"verb": {}}, "verb.id is missing"),
        (good | {"object": 1}, "object is missing"),
        ({name: value for name, value in good.items() if name != "actor"}, "actor is missing"),
        (good | {"object": {}}, "no statement that can be read: id is missing"),
        ({"statement": good, "source": 7}, "source, kind and arrived must be texts"),
        ({"statement": good, "arrived": "yesterday"}, "arrived is no timestamp"),
    ]
    code, _, said = mix(*(line for line, _ in wrong))
    assert code == 1
    for number, (told, (_, words)) in enumerate(zip(said.splitlines(), wrong, strict=False), start=1):
        assert told.startswith(f"line {number}: ")
        assert words in told


def test_what_says_nothing_beside_a_statement_is_as_if_it_were_not_there(mix):
    statement = Row("x").say("completed", "10:30", "PT30M").said[0]["statement"]
    plain = mix(statement)
    assert plain[0] == 0
    assert mix({"statement": statement, "source": None, "kind": None, "arrived": None}) == plain
    assert mix(statement | {"stored": "2026-11-02T10:30:00"}) == plain  # nobody needs to know when it came


def test_files_put_one_behind_another_keep_their_byte_order_marks(mix):
    lines = [json.dumps(Row(name).say("completed", "10:30", "PT30M").said[0]) for name in ("x", "y")]
    code, found, said = mix(*(f"\ufeff{line}\r" for line in lines))
    assert (code, len(found), said) == (0, 2, "")


def test_statements_that_name_nobody_who_learned_are_counted(mix):
    team = {"objectType": "Group", "mbox": "mailto:team@example.nl"}
    said = Row("x").say("completed", "10:30", "PT1H", actor=team).say("completed", "11:30", "PT1H").said
    code, found, told = mix(*said)
    assert (code, [line["minutes"] for line in found]) == (0, [60.0])
    assert told == "Statements that name nobody who learned by them (a Group without members, say): 1.\n"


@pytest.mark.parametrize("command", [["mix", "--time-zone", "UTC"], ["classify"]])
@pytest.mark.parametrize(
    ("streams", "code", "words"),
    [
        ("<&-", 2, "standard input is closed"),
        ("</dev/null >/dev/full", 0, ""),
        (">/dev/full", 1, "the answers cannot be written: No space left"),
        (">&-", 1, "standard output is closed"),
    ],
)
def test_streams_that_are_no_good_are_told_in_one_line(command, streams, code, words):
    line = json.dumps(Row("x").say("completed", "10:30", "PT30M").said[0])
    run = shlex.join([sys.executable, "-m", "services.console.main", *command])
    done = subprocess.run(["sh", "-c", f"{run} {streams}"], input=line, capture_output=True, text=True, check=False)
    assert (done.returncode, words in done.stderr) == (code, True)
    assert len(done.stderr.splitlines()) == bool(words)


def test_how_far_a_long_file_is_is_told(mix):
    assert mix(*[""] * 200_001) == (0, [], "100,000 lines …\n200,000 lines …\n")


def test_nothing_that_can_be_read_is_a_failure_and_nothing_at_all_is_not(mix):
    assert mix("nonsense")[0] == 1
    assert mix() == (0, [], "")


def test_wrong_use_is_told_with_exit_code_2(mix):
    code, _, said = mix(zone="Europe/Amstrdam")
    assert (code, "Amstrdam" in said) == (2, True)
    code, _, said = mix(people="person,identity\nP1,anna\n")
    assert (code, "line 2, column identity" in said) == (2, True)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("person;id\n", "line 1: there is no column identity"),
        ("person,identity\n,mailto:a@b.nl\n", "line 2, column person"),
        ("person,identity\nP1,mailto:a@b.nl\nP2,mailto:a@b.nl\n", "line 3, column identity"),
        ("person,identity\nP1,mailto:nobody\n", "line 2, column identity"),
        ("person,identity\nP1,hr|7\n", "line 2, column identity"),
        ('person,identity\nP1,"mailto:a@b.nl\n', "line 2"),
        ("person,identity\nP1\n", "line 2, column identity"),
    ],
)
def test_a_bad_people_file_is_told_by_line_and_column(tmp_path, text, where):
    file = tmp_path / "people.csv"
    file.write_text(text)
    with pytest.raises(Failure, match=where) as told:
        people_in(file)
    assert told.value.code == Exit.USAGE


def test_a_people_file_as_dutch_excel_writes_it_with_every_kind_of_identity(tmp_path):
    rows = [
        "person;identity;team",
        "P1;mailto:a@b.nl;t",
        f"P2;{'ab' * 20};t",
        "P3;https://x.nl/me;t",
        "P4;https://x.nl|a|b;t",
        "P5;c@d.nl;t",
        f"P6;{'AB' * 20};t",
    ]
    file = tmp_path / "people.csv"
    file.write_bytes("\ufeff".encode() + "\r\n".join(rows).encode())
    found = people_in(file)
    assert sorted(found.values()) == ["P1", "P1", "P2", "P3", "P4", "P5", "P5", "P6"]


def test_who_a_line_of_the_mix_names_can_be_given_back_in_the_people_file(mix):
    agents = [
        {"mbox": "mailto:x@example.nl"},
        {"mbox_sha1sum": "ab" * 20},
        {"openid": "https://example.nl/me"},
        {"account": {"homePage": "https://hr.example.nl", "name": "7|8"}},
    ]
    said = [Row("x").say("completed", "10:30", "PT30M").said[0]["statement"] | {"id": str(n)} for n in range(4)]
    lines = [one | {"actor": agent} for one, agent in zip(said, agents, strict=True)]
    named = [line["person"] for line in mix(*lines)[1]]
    assert len(named) == 4
    people = "\n".join(["person,identity", *(f"P,{each}" for each in named)])
    assert {line["person"] for line in mix(*lines, people=people)[1]} == {"P"}


def test_every_identity_that_an_export_writes_is_taken_as_the_same(tmp_path):
    agents = [
        {"mbox": "mailto:x@example.nl"},
        {"mbox_sha1sum": "AB" * 20},
        {"openid": "https://example.nl/me"},
        {"openid": "urn:example:me"},
        {"account": {"homePage": "tag:hr", "name": "7|8"}},
        {"account": {"homePage": "https://hr.example.nl", "name": "two\nlines"}},
    ]
    file = tmp_path / "people.csv"
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([("person", "identity"), *(("P", identity_text(agent)) for agent in agents)])
    found = people_in(file)
    assert [agent for agent in agents if actor_key(agent) not in found] == []


def test_a_file_that_is_not_there_or_not_utf_8_is_told(tmp_path):
    file = tmp_path / "people.csv"
    with pytest.raises(Failure, match="cannot be read: No such file"):
        people_in(file)
    file.write_bytes("person,identity\nZoë,z@example.nl\n".encode("latin-1"))
    with pytest.raises(Failure, match="is not UTF-8"):
        people_in(file)
