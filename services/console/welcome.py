"""What a new user reads when leermix is up: where it is, a credential, and two lines to paste."""

from datetime import datetime
from typing import Any

from services.common.first_steps import mix_line, post_line
from services.common.settings import Settings

PLACES = (
    ("/", "state, addresses and these lines"),
    ("/xapi", "the LRS: where xAPI statements go"),
    ("/analytics/v1", "the actual mix"),
    ("/recommend/v1", "the next step for one person"),
    ("/docs", "every address, with what it takes and gives"),
    ("/health/ready", "whether all of it is ready, and if not why"),
)


def local_url(settings: Settings) -> str:
    """Return the origin as a browser on this machine reaches it."""
    if settings.public_url or settings.host in ("127.0.0.1", "localhost", "0.0.0.0", "::", "::1"):  # noqa: S104
        return settings.origin
    return f"http://{f'[{settings.host}]' if ':' in settings.host else settings.host}:{settings.port}"


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
