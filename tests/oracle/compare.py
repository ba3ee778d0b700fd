"""The product's figures in the oracle's words."""

FIELDS = {
    "minutes": "minutes_us",
    "measured": "measured_us",
    "reported": "reported_us",
    "session": "session_us",
    "default": "default_us",
    "halved": "halved_us",
    "doubled": "doubled_us",
    "given": "given_us",
}
NUMBERS = ("events", "moments", "arrival", "disbelieved", "defaults", "untimed")


def identity(agent):
    """An agent's identifier as a text."""
    return next(f"{name} {agent[name]}" for name in ("mbox", "mbox_sha1sum", "openid", "account") if name in agent)


def spoken(row):
    """A DaySum as the oracle writes it: seconds and numbers, without zeros."""
    seconds = {name: getattr(row, field) / 1e6 for name, field in FIELDS.items()}
    numbers = {name: getattr(row, name) for name in NUMBERS}
    return {name: value for name, value in (seconds | numbers).items() if value}
