"""Readings: what a derivation reads by. Rule sets and registry versions never change, so each is read once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.registry import EMPTY_REGISTRY, Registry, parse_registry
from services.analytics.domain.classify.rules import RuleSet, parse_rules
from services.analytics.domain.derivations import Derivation
from services.analytics.domain.minutes.facts import Fact
from services.analytics.domain.minutes.reading import facts_of
from services.analytics.domain.standing import Content
from services.analytics.store import derivations
from services.common.database import Connection


@dataclass(frozen=True, slots=True)
class Reading:
    """A derivation, with the rules and the registry that it names."""

    derivation: Derivation
    rules: RuleSet
    registry: Registry

    def facts(self, content: Content) -> list[Fact]:
        """Return what a statement says, one fact for each identity that learned by it or gave time."""
        classified = classify(content.statement, content.source, content.kind, self.rules, self.registry)
        return facts_of(content.statement, arrived_us=content.arrived_us, source=content.source, classified=classified)


class Readings:
    """The readings of every tenant; `version` and `data` are the rules of this version of leermix."""

    def __init__(self, version: str, data: Any, zone: ZoneInfo) -> None:
        self.version = version
        self._data = data
        self.zone = zone
        self._rules: dict[str, RuleSet] = {}
        self._registries: dict[tuple[str, int], Registry] = {}

    async def prepare(self, connection: Connection) -> None:
        """Keep the rules of this version, and begin to derive by them what was derived by others."""
        await derivations.prepare(connection, self.version, self._data, self.zone.key)

    async def live(self, connection: Connection, tenants: Iterable[str]) -> dict[str, list[Reading]]:
        """Return the readings of every derivation that is kept current.

        Asked after the statements' ids are locked: a derivation that is not seen then was begun later, and its replay
        waits for this very transaction.
        """
        found = await derivations.live(connection, tenants, self.version, self.zone)
        return {tenant: [await self._reading(connection, each) for each in theirs] for tenant, theirs in found.items()}

    async def expected(self, connection: Connection, tenant: str) -> Derivation:
        """Return the derivation that a tenant without any will begin with."""
        registry, zone = await derivations.beginning(connection, tenant)
        return Derivation(tenant, 1, self.version, registry, ZoneInfo(zone or self.zone.key), "active")

    async def _reading(self, connection: Connection, derivation: Derivation) -> Reading:
        return Reading(
            derivation,
            await self.rules(connection, derivation.rule_set),
            await self.registry(connection, derivation.tenant, derivation.registry),
        )

    async def rules(self, connection: Connection, version: str) -> RuleSet:
        """Return a rule set that was kept."""
        if version not in self._rules:
            self._rules[version] = parse_rules(await derivations.rules(connection, version))
        return self._rules[version]

    async def registry(self, connection: Connection, tenant: str, version: int) -> Registry:
        """Return a version of a tenant's registry."""
        if version == 0:
            return EMPTY_REGISTRY
        if (tenant, version) not in self._registries:
            self._registries[tenant, version] = parse_registry(
                await derivations.registry(connection, tenant, version), version
            )
        return self._registries[tenant, version]
