"""The page at `/`: how this leermix is, where everything is, and the first two lines to paste. Dutch and English.

Made by the server, without JavaScript, under a policy that allows nothing but its own style sheet. No secrets, no
names of people: whoever can reach the address may read it.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from services.common.first_steps import mix_line, post_line
from services.common.home_words import LANGUAGES, WORDS, Words
from services.common.pages import headers, sum_of
from services.common.settings import Settings

_READY = "/health/ready"
_PATHS = ("/xapi", "/analytics/v1", "/recommend/v1", "/docs", "/metrics", _READY)
_LINKED = ("/docs", "/metrics", _READY)
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:]+\](:\d+)?")

_STYLE = """
:root { color-scheme: light dark }
body { font: 1.0625rem/1.55 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem }
h1 { margin: .3em 0 0 } h2 { margin: 1.8em 0 .4em; font-size: 1.2rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .35em .8em .35em 0; border-bottom: 1px solid #8886 }
th { font-weight: 600 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .8em; border: 1px solid #8886; border-radius: .4em }
code, pre { font: .9rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
nav { text-align: right }
"""
_HEADERS = headers(f"style-src {sum_of(_STYLE)}", cache="no-store") | {"Vary": "Accept-Language"}


def router(told: Callable[[], Awaitable[dict[str, Any]]], settings: Settings, *, distributed: bool) -> APIRouter:
    """Return the page's route; `told` gives what /health/ready of this process says."""
    routes = APIRouter()

    @routes.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def home(request: Request) -> Response:
        language = language_of(request.query_params.get("lang"), request.headers.get("accept-language", ""))
        url = settings.origin if settings.public_url else _seen(request) or settings.origin
        page = rendered(await told(), url, language, datetime.now().astimezone(), distributed=distributed)
        return HTMLResponse(page, headers=_HEADERS | {"Content-Language": language})

    return routes


def language_of(asked: str | None, accepted: str) -> str:
    """Return `nl` or `en`: the one asked for in the address, else the one the browser likes better, else English."""
    if asked in LANGUAGES:
        return asked
    liked: list[tuple[float, str]] = []
    for part in accepted.split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.partition("-")[0].lower()
        if language in LANGUAGES and re.fullmatch(r"(0(\.\d{0,3})?|1(\.0{0,3})?)?", weight):
            liked.append((float(weight or 1), language))
    return max(liked, key=lambda each: each[0])[1] if liked else "en"


def rendered(told: dict[str, Any], url: str, language: str, now: datetime, *, distributed: bool) -> str:
    """Return the page. Distributed, it is made by one service, whose state is its own alone."""
    words = WORDS[language]
    other = next(each for each in LANGUAGES if each != language)
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>leermix</title>
<style>{_STYLE}</style>
</head>
<body>
<nav aria-label="{words.switch}"><a href="?lang={other}" lang="{other}" hreflang="{other}">{WORDS[other].name}</a></nav>
<main>
<h1>leermix</h1>
<p>{words.what}</p>
<h2>{words.state}</h2>
{f"<p>{words.one_of_several}</p>" if distributed else ""}{_state(told, words)}
<h2>{words.addresses}</h2>
{_addresses(url, words)}
<h2>{words.first}</h2>
<p>{words.credential}</p>
<pre tabindex="0">.venv/bin/leermix credentials create --source NAME --kind lms --scope all --scope people/read</pre>
<p>{words.post}</p>
<pre tabindex="0">{escape(post_line(url, "KEY", "SECRET", now))}</pre>
<p>{words.mix}</p>
<pre tabindex="0">{escape(mix_line(url, "KEY", "SECRET"))}</pre>
</main>
</body>
</html>
"""


def _seen(request: Request) -> str | None:
    """Return the origin as this browser wrote it, which is where its user can paste the lines."""
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host}" if _HOST.fullmatch(host) else None


def _state(told: dict[str, Any], words: Words) -> str:
    verdict = words.ready if told["ready"] else words.not_ready
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{words.ready if each["ready"] else words.not_ready}'
        f"{_reasons(each['because'])}</td></tr>"
        for name, each in told["services"].items()
    )
    groups = "".join(
        f'<tr><th scope="row">{escape(group)}</th><td>{words.states[str(state)]}</td></tr>'
        for group, state in sorted(told["groups"].items())
    )
    return (
        f"<p><strong>{verdict}</strong>{_reasons(told['degraded'])}</p>"
        f"{_table((words.service, words.state), rows)}{_table((words.group, words.state), groups) if groups else ''}"
    )


def _reasons(texts: list[str]) -> str:
    return f': <span lang="en">{escape("; ".join(texts))}</span>' if texts else ""


def _addresses(url: str, words: Words) -> str:
    rows = "".join(
        f'<tr><th scope="row">{_link(url, path)}</th><td>{meaning}</td></tr>'
        for path, meaning in zip(_PATHS, words.paths, strict=True)
    )
    return _table((words.address, words.meaning), rows)


def _link(url: str, path: str) -> str:
    shown = f"<code>{escape(url + path)}</code>"
    return f'<a href="{path}">{shown}</a>' if path in _LINKED else shown


def _table(headings: tuple[str, str], rows: str) -> str:
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
