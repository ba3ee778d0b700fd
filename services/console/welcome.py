"""What a new user reads when leermix is up: where it is, a credential, and two lines to paste."""

import shlex
from datetime import datetime
from typing import Any

import orjson

from services.common.settings import Settings

SAMPLE_AGENT = '{"mbox":"mailto:sam@example.org"}'
PLACES = (
    ("/", "state, addresses and these lines"),
    ("/xapi", "the LRS: where xAPI statements go"),
    ("/analytics/v1", "the actual mix"),
    ("/recommend/v1", "the next step for one person"),
    ("/docs", "every address, with what it takes and gives"),
    ("/metrics", "for Prometheus"),
)


def local_url(settings: Settings) -> str:
    """Return the origin as a browser on this machine reaches it."""
    if settings.public_url or settings.host in ("127.0.0.1", "localhost", "0.0.0.0", "::", "::1"):  # noqa: S104
        return settings.origin
    return f"http://{f'[{settings.host}]' if ':' in settings.host else settings.host}:{settings.port}"


def sample_statement(now: datetime) -> str:
    """Return a statement to try: half an hour of a course that has just ended."""
    statement = {
        "actor": {"name": "Sam", "mbox": "mailto:sam@example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"en": "completed"}},
        "object": {
            "id": "https://example.org/courses/listening-to-patients",
            "definition": {
                "type": "http://adlnet.gov/expapi/activities/course",
                "name": {"en": "Listening to patients"},
            },
        },
        "result": {"duration": "PT30M"},
        "timestamp": now.isoformat(timespec="seconds"),
    }
    return orjson.dumps(statement).decode()


def post_line(url: str, key: str, secret: str, now: datetime) -> str:
    """Return the curl line that POSTs a statement."""
    return (
        f"curl -u {key}:{secret} -H 'X-Experience-API-Version: 1.0.3' -H 'Content-Type: application/json' "
        f"-d {shlex.quote(sample_statement(now))} {url}/xapi/statements"
    )


def mix_line(url: str, key: str, secret: str) -> str:
    """Return the line that looks that person up and shows the mix: curl and sed, which every system has."""
    common = f"curl -s -u {key}:{secret} -H 'X-Leermix-Viewer: self'"
    person = f"{common} -G --data-urlencode {shlex.quote(f'agent={SAMPLE_AGENT}')} {url}/analytics/v1/people"
    take_id = """sed 's/.*"id":"\\([^"]*\\)".*/\\1/'"""
    return f'{common} "{url}/analytics/v1/people/$({person} | {take_id})/mix"'


def welcome(url: str, first: dict[str, Any] | None, now: datetime, data: str) -> str:
    """Return the whole message. `first` is None where credentials exist already: their secrets are not known."""
    width = max(len(path) for path, _ in PLACES)
    lines = ["", f"leermix is up: {url}", ""]
    lines += [f"  {url}{path.ljust(width)}  {meaning}" for path, meaning in PLACES]
    key, secret = (first["key"], first["secret"]) if first else ("KEY", "SECRET")
    lines += ["", *_credential_lines(first), ""]
    lines += ["Send a first statement:", "", f"  {post_line(url, key, secret, now)}", ""]
    lines += ["See that person's mix:", "", f"  {mix_line(url, key, secret)}", ""]
    lines += [f"Data and logs are in {data}. Ctrl-C stops.", ""]
    return "\n".join(lines)


def _credential_lines(first: dict[str, Any] | None) -> list[str]:
    another = "leermix credentials create --source NAME --kind lms|job_aid|coaching|social|work_system|other"
    if first is None:
        return [
            "Credentials exist already; a secret is shown only when its credential is made. Another one:",
            f"  .venv/bin/{another}",
        ]
    return [
        "The first credential. The secret is shown this once and is not kept:",
        f"  key     {first['key']}",
        f"  secret  {first['secret']}",
        f"  scopes  {' '.join(first['scopes'])}",
        "One for each system that sends (its kind says what its statements are about):",
        f"  .venv/bin/{another}",
    ]
