"""`leermix classify` as a process: lines in, lines out, and what is wrong is said where it is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "services.console.main", "classify"]
ROOT = Path(__file__).parents[3]
COURSE = {
    "id": "5d0c3d0e-2f2a-4f4b-9a52-5a4a52c0ffee",
    "actor": {"mbox": "mailto:anna@example.org"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
    "object": {"id": "https://x.example/1", "definition": {"type": "http://adlnet.gov/expapi/activities/course"}},
}
THERE = {**COURSE, "object": {"id": "https://x.example/1"}}


def run(given, *options):
    text = given if isinstance(given, bytes) else "".join(json.dumps(each) + "\n" for each in given).encode()
    done = subprocess.run([*COMMAND, *options], input=text, capture_output=True, cwd=ROOT, timeout=60, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


@pytest.fixture
def registry(tmp_path):
    def written(text):
        file = tmp_path / "registry.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return written


def test_a_statement_is_answered_with_everything_that_was_found():
    code, (answer,), told = run([COURSE])
    assert (code, told) == (0, "")
    assert answer == {
        "line": 1,
        "id": COURSE["id"],
        "class": "formal",
        "rule": "formal.course",
        "registry_entry": None,
        "formal_context": True,
        "learners": [{"agent": COURSE["actor"], "role": "learner"}],
        "error": None,
    }


def test_a_line_may_say_its_source_and_kind():
    lines = [
        THERE,
        {"statement": THERE, "source": "a", "kind": "lms"},
        {"statement": THERE},
        {"statement": THERE, "source": None, "kind": None},
    ]
    _, answers, _ = run(lines)
    assert [each["rule"] for each in answers] == ["kind:other", "kind:lms", "kind:other", "kind:other"]


def test_a_registry_is_laid_over_the_rules(registry):
    file = registry("registry: 1\nplaces: [{source: wiki, mode: social}]\n")
    _, answers, _ = run([THERE, {"statement": THERE, "source": "wiki"}], "--registry", str(file))
    assert [(each["class"], each["registry_entry"]) for each in answers] == [
        ("unclassified", None),
        ("social", "source=wiki"),
    ]


def test_a_bad_line_is_told_and_the_run_goes_on():
    good = json.dumps(COURSE).encode()
    bad = [b"{", b"[]", b"7", b"{}", b'{"verb": {"id": "x"}}', b'{"statement": 7}', b'{"statement": {}, "source": 1}',
           b"\xff\xfe", b'{"a": "\\ud800"}', b"[" * 5000]  # fmt: skip
    code, answers, _ = run(b"\n".join([good, *bad, b"", good]))
    assert code == 0
    assert [each["line"] for each in answers] == [*range(1, 12), 13]
    assert [each["class"] for each in answers] == ["formal", *[None] * 10, "formal"]
    for each in answers[1:-1]:
        assert each["error"]
        assert each["learners"] == []


def test_whatever_is_readable_is_classified():
    odd = [
        {"verb": {"id": "http://adlnet.gov/expapi/verbs/posted"}, "object": {}},
        {**COURSE, "id": 7, "actor": [], "context": "x", "result": 3, "timestamp": "never"},
    ]
    _, answers, _ = run(odd)
    assert [each["class"] for each in answers] == ["social", "formal"]
    assert [each["error"] for each in answers] == [None, None]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "registry: 1\nplaces:\n  - source: a\n    mode: ambiguous\n",
            ["line 4", "places[0] (source a): mode", "social"],
        ),
        ("registry: [", ["not YAML"]),
    ],
)
def test_a_bad_registry_ends_the_run_before_it_begins_and_is_named_where(registry, text, told):
    code, answers, errors = run([COURSE], "--registry", str(registry(text)))
    assert (code, answers) == (2, [])
    for words in told:
        assert words in errors
    assert "Traceback" not in errors


def test_a_registry_that_is_not_there_is_told():
    code, _, errors = run([COURSE], "--registry", "/nowhere/registry.yaml")
    assert code == 2
    assert "/nowhere/registry.yaml" in errors


def test_each_answer_is_there_before_the_next_line_comes():
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        for number in (1, 2):
            process.stdin.write(json.dumps(COURSE).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["line"] == number
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_a_reader_who_has_seen_enough_is_no_error():
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        process.stdin.write(json.dumps(COURSE).encode() + b"\n")
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        _, errors = process.communicate((json.dumps(COURSE) + "\n").encode() * 50, timeout=30)
        assert (process.returncode, errors) == (0, b"")
