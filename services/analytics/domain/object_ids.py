"""Object ids: the part of an id that a registry entry would name, so that things of one kind fall together."""

from urllib.parse import urlsplit

_SEGMENTS = 2


def prefix_of(iri: str, segments: int = _SEGMENTS) -> str:
    """Return the beginning of an activity id: its origin and at most so many folders of its path, without its last
    part, query or fragment. Of an id that is no URL the part before its last colon.

    >>> prefix_of("https://intranet.example.nl/kb/how/reset.html?x=1")
    'https://intranet.example.nl/kb/how/'
    """
    try:
        parts = urlsplit(iri)
    except ValueError:  # not an address that anybody can read, such as http://[x
        return ""
    if not parts.netloc:
        return iri.rpartition(":")[0] + ":" if iri.count(":") > 1 else ""
    origin = iri[: iri.index("//") + len("//") + len(parts.netloc)]
    folders = parts.path.split("/")[1:-1][:segments]
    return "/".join([origin, *folders, ""])
