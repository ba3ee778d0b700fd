"""Identities as an HR file or an identity provider writes them, as the canonical IFIs of xAPI (1.0.3 Data 2.4.2)."""

import hashlib
import re
from typing import Any

from schemas.xapi.agents import ifi
from schemas.xapi.problems import first_problem

KINDS = ("mbox", "mbox_sha1sum", "openid", "account")
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")


def identity(text: str, kind: str | None = None) -> str:
    """Return the canonical IFI of an identity, whose kind is told or can be seen from it.

    An address may stand without `mailto:`; an account is `homePage|name`. The rest counts exactly as written, as in
    statements. Raises `ValueError` with one sentence that does not repeat the text.
    """
    kind, value = _kind(text) if kind is None else (kind, text)
    agent: dict[str, Any] = {kind: value}
    if kind == "mbox" and not value.lower().startswith("mailto:"):
        agent = {kind: f"mailto:{value}"}
    elif kind == "account":
        home_page, bar, name = value.partition("|")
        if not bar or not name.strip():
            raise ValueError("an account is written homePage|name")
        agent = {kind: {"homePage": home_page, "name": name}}
    problem = first_problem("1.0.3", agent, "actor")
    if problem is not None or ("\n" in text and kind != "account"):
        raise ValueError(f"not {_WANTED[kind]}")
    return ifi(agent) or ""


def key_of(canonical: str) -> str:
    """Return the actor_key of a canonical IFI."""
    return hashlib.sha256(canonical.encode()).hexdigest()


def alias_of(canonical: str) -> str | None:
    """Return the mbox_sha1sum of an mbox, as an IFI: the same person by definition. None for other kinds."""
    kind, _, value = canonical.partition("|")
    if kind != "mbox":
        return None
    return f"mbox_sha1sum|{hashlib.sha1(value.encode()).hexdigest()}"  # noqa: S324 - xAPI's own choice


def kind_of(canonical: str) -> str:
    """Return mbox, mbox_sha1sum, openid or account."""
    return canonical.partition("|")[0]


_WANTED = {
    "mbox": "an e-mail address",
    "mbox_sha1sum": "40 hexadecimal digits",
    "openid": "a URL",
    "account": "an account with an absolute IRI as its homePage",
}


def _kind(text: str) -> tuple[str, str]:
    """Return what kind of identity this is, and its value."""
    first, bar, rest = text.partition("|")
    if bar:
        return (first, rest) if first in KINDS else ("account", text)
    if _SHA1.fullmatch(text):
        return "mbox_sha1sum", text
    if text.lower().startswith(("http://", "https://")):
        return "openid", text
    if "@" in text:
        return "mbox", text
    raise ValueError("not an identity: give an e-mail address, homePage|name, an OpenID URL or an mbox_sha1sum")
