"""The two lines that a new user pastes: POST a statement, see that person's mix. For the terminal and for the page."""

import shlex
from datetime import datetime

import orjson

_AGENT = '{"mbox":"mailto:sam@example.org"}'
_TAKE_ID = """sed 's/.*"id":"\\([^"]*\\)".*/\\1/'"""


def post_line(url: str, key: str, secret: str, now: datetime) -> str:
    """Return the curl line that POSTs a statement about half an hour of a course that has just ended."""
    return (
        f"curl -u {key}:{secret} -H 'X-Experience-API-Version: 1.0.3' -H 'Content-Type: application/json' "
        f"-d {shlex.quote(_statement(now))} {url}/xapi/statements"
    )


def mix_line(url: str, key: str, secret: str) -> str:
    """Return the line that looks that person up and shows the mix: curl and sed, which every system has."""
    common = f"curl -s -u {key}:{secret} -H 'X-Leermix-Viewer: self'"
    person = f"{common} -G --data-urlencode {shlex.quote(f'agent={_AGENT}')} {url}/analytics/v1/people"
    return f'{common} "{url}/analytics/v1/people/$({person} | {_TAKE_ID})/mix"'


def _statement(now: datetime) -> str:
    course = {"type": "http://adlnet.gov/expapi/activities/course", "name": {"en": "Listening to patients"}}
    statement = {
        "actor": {"name": "Sam", "mbox": "mailto:sam@example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"en": "completed"}},
        "object": {"id": "https://example.org/courses/listening-to-patients", "definition": course},
        "result": {"duration": "PT30M"},
        "timestamp": now.isoformat(timespec="seconds"),
    }
    return orjson.dumps(statement).decode()
