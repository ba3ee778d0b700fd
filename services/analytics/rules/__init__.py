"""The rules that every organisation starts with, as a file (base.yaml) and as a checked rule set."""

from functools import cache
from importlib.resources import files

import yaml

from services.analytics.domain.rules import RuleSet, parse_rules


@cache
def base_rules() -> RuleSet:
    """Read and check base.yaml; a mistake in it is a bug of ours and raises `RuleError`."""
    return parse_rules(yaml.safe_load(files(__package__).joinpath("base.yaml").read_text(encoding="utf-8")))
