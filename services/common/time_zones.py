"""The names of time zones, checked where they come in: one that nobody knows would stop whoever reads it later."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_named(name: str) -> ZoneInfo:
    """Return the zone of this name. Raises `ValueError` that says what a name looks like."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder of zones, such as Europe
        raise ValueError(f"{name!r} is no time zone; use a name such as Europe/Amsterdam") from error
