"""Derivations: one reading of all history, by a rule set, a version of the registry and a time zone (law 10)."""

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

State = Literal["building", "complete", "active", "dropped"]


@dataclass(frozen=True, slots=True)
class Derivation:
    """One of a tenant's derivations; `number` tells them apart. Exactly one of a tenant is `active`: it is served."""

    tenant: str
    number: int
    rule_set: str
    registry: int
    zone: ZoneInfo
    state: State

    @property
    def label(self) -> str:
        """What a learning event names as its rule set: the rules and the registry over them."""
        return f"{self.rule_set}+r{self.registry}"

    @property
    def active(self) -> bool:
        """Whether it is the one that is served."""
        return self.state == "active"
