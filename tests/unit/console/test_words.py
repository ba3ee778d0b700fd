"""What the console and the page at / say, apart from any process."""

import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.common.first_steps import post_line
from services.common.home import language_of, rendered
from services.common.settings import Settings
from services.console.doctor import machine
from services.console.exits import Failure, problem
from services.console.groups import Standing, _lag, _position
from services.console.terminal import table
from services.console.variables import described, masked, slips, unknown

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOLD = {
    "ready": False,
    "services": {"ingest": {"ready": False, "because": ["<away>"]}},
    "degraded": ["postgresql"],
    "groups": {"ingest.store": "stopped"},
}


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "nl", "nl"),
        (None, "de-DE, nl-BE;q=0.7, en;q=0.3", "nl"),
        (None, "en-GB,nl;q=0.9", "en"),
        (None, "nl;q=high, en;q=0.1", "en"),
        ("nl", "en", "nl"),
        ("fr", "nl", "nl"),
    ],
)
def test_language(asked: str | None, accepted: str, language: str) -> None:
    assert language_of(asked, accepted) == language


@pytest.mark.parametrize(("language", "word"), [("en", "not ready"), ("nl", "niet gereed")])
@pytest.mark.parametrize("distributed", [False, True])
def test_the_page_tells_the_truth_and_escapes_it(language: str, word: str, distributed: bool) -> None:
    page = rendered(TOLD, "http://localhost:8080", language, NOW, distributed=distributed)
    assert all(f'href="{path}"' in page for path in ("/docs", "/metrics", "/health/ready"))
    assert word in page
    assert "&lt;away&gt;" in page
    assert "<away>" not in page
    assert "http://localhost:8080/xapi/statements" in page


def test_the_line_to_paste_survives_a_shell() -> None:
    words = shlex.split(post_line("http://localhost:8080", "k", "s", NOW))
    assert words[0] == "curl"
    assert '"timestamp":"2026-11-22T12:00:00+00:00"' in words[words.index("-d") + 1]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("postgresql://me:hush@db:5432/x", "postgresql://me:***@db:5432/x"),
        ("postgresql://me@db/x", "postgresql://me@db/x"),
        ("postgresql://me:hush@/x?host=/tmp/a", "postgresql://me:***@/x?host=/tmp/a"),
        ("8080", "8080"),
    ],
)
def test_passwords_are_masked(value: str, shown: str) -> None:
    assert masked(value) == shown


def test_a_slip_of_the_pen_is_seen() -> None:
    assert unknown({"LEERMIX_PROT": "1", "LEERMIX_PORT": "2", "PATH": "3"}) == ["LEERMIX_PROT"]
    assert next(row for row in described({"LEERMIX_PORT": "2"}) if row["name"] == "LEERMIX_PORT")["set"]


def test_a_slip_of_the_pen_is_told_with_what_was_meant(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert slips({"LEERMIX_PROT": "1", "LEERMIX_PORT": "2"}) == [
        "LEERMIX_PROT is not a setting; did you mean LEERMIX_PORT?"
    ]
    assert slips({"LEERMIX_ZZZZZZZZ": "1"}) == ["LEERMIX_ZZZZZZZZ is not a setting"]
    monkeypatch.setenv("LEERMIX_PROT", "1")
    monkeypatch.setenv("LEERMIX_DATA", str(tmp_path))
    assert [each.found for each in machine(Settings()) if each.check == "settings"] == slips({"LEERMIX_PROT": "1"})


def test_a_table_cuts_nothing() -> None:
    assert table(("A", "LONG"), [("xxxx", 1), (None, 22)]) == "A     LONG\nxxxx  1\n      22"


@pytest.mark.parametrize(("to", "position"), [("beginning", 5), ("end", 9), ("5", 5), ("7", 7), ("9", 9)])
def test_a_group_may_go_where_the_log_is(to: str, position: int) -> None:
    assert _position(Standing("g", "t", 0, 2, 5, 9, "ingest"), to) == position


@pytest.mark.parametrize("to", ["4", "10", "-1", "start", ""])
def test_a_group_may_go_nowhere_else(to: str) -> None:
    with pytest.raises(Failure, match="5 to 9"):
        _position(Standing("g", "t", 0, 2, 5, 9, "ingest"), to)


def test_a_group_beyond_the_log_has_no_negative_lag() -> None:
    beyond = Standing("g", "t", 0, 1_000_000, 5, 9, "ingest")
    assert (_lag(beyond), beyond.lag) == ("beyond the end", 0)
    assert _lag(Standing("g", "t", 0, 7, 5, 9, "ingest")) == 2


def test_a_wrong_setting_is_told_in_words_of_its_own() -> None:
    assert problem({"msg": "Value error, 'Mars/Base' is no time zone"}) == "'Mars/Base' is no time zone"
