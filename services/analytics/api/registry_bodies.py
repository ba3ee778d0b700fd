"""Registries as request bodies: a whole file as YAML or JSON, or one entry as JSON."""

import asyncio
from typing import Any

import orjson
import yaml
from fastapi import Request

from schemas.reasons import Reason
from services.analytics.domain.classify.registry import RegistryError
from services.analytics.domain.registry_file import Entry
from services.analytics.registry_text import see_that_it_is_flat
from services.common.errors import Rejected
from services.common.http import read_body

FILE_LIMIT = 1_000_000
_ENTRY_LIMIT = 20_000
_JSON = "application/json"
_YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


async def file_of(request: Request) -> dict[str, Any]:
    """Return the registry that a request holds, as a mapping. Raises `Rejected`."""
    sent = await read_body(request, FILE_LIMIT)
    kind = request.headers.get("content-type", _YAML[0]).partition(";")[0].strip().lower()
    if kind not in (_JSON, *_YAML):
        raise Rejected(Reason.UNSUPPORTED_MEDIA_TYPE, f"send the file as {_JSON} or {_YAML[0]}", "Content-Type")
    if not sent.strip():
        raise Rejected(Reason.EMPTY_BODY, "send the whole file; an empty registry is {registry: 1}")
    read = _json(sent) if kind == _JSON else await asyncio.to_thread(_yaml, sent)
    return _mapping(read)


async def entry_of(request: Request) -> Entry:
    """Return the one entry that a request holds. Raises `Rejected`."""
    sent = await read_body(request, _ENTRY_LIMIT)
    if not sent.strip():
        raise Rejected(Reason.EMPTY_BODY, 'send an entry, such as {"id_prefix": "https://…", "mode": "experiential"}')
    return _mapping(_json(sent))


def _json(sent: bytes) -> Any:
    try:
        return orjson.loads(sent)
    except orjson.JSONDecodeError as error:
        raise Rejected(Reason.MALFORMED_JSON, f"not JSON: {error}") from error


def _yaml(sent: bytes) -> Any:
    try:
        see_that_it_is_flat(sent)
        return yaml.load(sent, Loader=_LOADER)  # noqa: S506 - the loader is a safe one
    except RegistryError as error:
        raise Rejected(Reason.INVALID_VALUE, str(error)) from error
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise Rejected(Reason.MALFORMED_JSON, f"not YAML{where}") from error


def _mapping(read: Any) -> dict[str, Any]:
    if not isinstance(read, dict):
        raise Rejected(Reason.WRONG_TYPE, "it must be a mapping of names to values")
    return read
