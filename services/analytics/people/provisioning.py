"""What an identity provider tells by SCIM: users and groups, brought to the roster by the same plan as an HR file.

A user's places are its groups, else its department. Removing a user says that somebody has left: nothing is erased,
but what SCIM said of the user is forgotten.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from schemas.reasons import Reason
from services.analytics.domain.people.wanted import NO_TEAM, SaidTeam, Team, Wanted
from services.analytics.domain.scim import groups, users
from services.analytics.domain.scim.problems import WrongRequest
from services.analytics.domain.scim.users import GROUPS
from services.analytics.people import importing
from services.analytics.people.importing import Said
from services.analytics.people.parts import Parts
from services.analytics.store import roster, scim, teams
from services.analytics.store.scim import Entry
from services.common.consumer import Transaction
from services.common.errors import Rejected

T = TypeVar("T")
Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""A resource as it is, made a resource as it shall be."""


class _Shown(Exception):  # noqa: N818 - no error: it rolls a dry run back
    """What would have come of it."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


class Provisioning:
    """Changes by one provider, in its tenant; `dry`: each is done, told and rolled back."""

    def __init__(self, parts: Parts, tenant: str, author: str, *, dry: bool) -> None:
        self._parts = parts
        self._tenant = tenant
        self._author = author
        self._dry = dry

    async def create_user(self, sent: Mapping[str, Any]) -> Entry:
        """Enter a user; one whose reference came by a file, or whom SCIM removed before, is taken over."""

        async def work(tx: Transaction) -> Entry:
            resource = users.kept(sent, [])
            reference = users.reference_of(resource)
            known = await scim.by_reference(tx.connection, self._tenant, reference)
            if known is not None and known.resource.get("userName"):
                raise WrongRequest("uniqueness", "there is a user with this externalId, employeeNumber or userName")
            return await self._keep(tx, reference, resource)

        return await self._run(work)

    async def change_user(self, user: str, change: Change) -> Entry:
        """Change a user (PUT, PATCH). Groups are changed by the groups."""

        async def work(tx: Transaction) -> Entry:
            known = await self._user(tx, user)
            before = known.resource | {"active": known.active}
            resource = users.kept(change(before), known.resource.get(GROUPS, []))
            if resource == before:
                return known
            return await self._keep(tx, known.reference, resource)

        return await self._run(work)

    async def remove_user(self, user: str) -> None:
        """Keep that somebody has left."""

        async def work(tx: Transaction) -> None:
            known = await self._user(tx, user)
            await self._say(tx, Said([Wanted(known.reference, None, None, active=False)]))
            await scim.keep(tx.connection, self._tenant, {known.reference: {}})

        await self._run(work)

    async def create_group(self, sent: Mapping[str, Any]) -> Team:
        """Make a team. Its id is the externalId, if there is one."""

        async def work(tx: Transaction) -> Team:
            name, members = groups.name_of(sent), groups.members_of(sent)
            team = groups.external_id_of(sent) or self._parts.new_id()
            known = (await teams.all_of(tx.connection, self._tenant)).get(team)
            if known is not None and not known.removed:
                raise WrongRequest("uniqueness", "there is a group with this externalId")
            return await self._group(tx, team, name, members, set())

        return await self._run(work)

    async def change_group(self, team: str, change: Change) -> Team:
        """Change a team's name or members (PUT, PATCH)."""

        async def work(tx: Transaction) -> Team:
            known = await self._team(tx, team)
            members = (await scim.members(tx.connection, self._tenant, [team]))[team]
            after = change(groups.group_of(known, members))
            return await self._group(tx, team, groups.name_of(after), groups.members_of(after), set(members))

        return await self._run(work)

    async def remove_group(self, team: str) -> None:
        """Remove a team: from now on it has no members; its past stays."""

        async def work(tx: Transaction) -> None:
            known = await self._team(tx, team)
            members = (await scim.members(tx.connection, self._tenant, [team]))[team]
            await self._group(tx, team, known.name, set(), set(members))
            await teams.put(tx.connection, self._tenant, [Team(team, known.name, known.parent, removed=True)])

        await self._run(work)

    async def _run(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async def alone(tx: Transaction) -> T:
            await roster.alone(tx.connection, self._tenant)
            result = await work(tx)
            if self._dry:
                raise _Shown(result)
            return result

        try:
            return await importing.repeated(self._parts, alone)
        except _Shown as shown:
            result: T = shown.result
            return result

    async def _keep(self, tx: Transaction, reference: str, resource: dict[str, Any]) -> Entry:
        """Make the roster what this resource says, and keep the resource."""
        named = await scim.by_user_name(tx.connection, self._tenant, resource["userName"])
        if named is not None and named.reference != reference:
            raise WrongRequest("uniqueness", "there is another user with this userName")
        by_department = [SaidTeam(each) for each in users.teams_of(resource)] if GROUPS not in resource else []
        await self._say(tx, Said([users.wanted_of(reference, resource)], by_department))
        await scim.keep(tx.connection, self._tenant, {reference: resource})
        entry = await scim.by_reference(tx.connection, self._tenant, reference)
        if entry is None:
            raise AssertionError("unreachable: it was entered just now")
        return entry

    async def _group(self, tx: Transaction, team: str, name: str, members: set[str], before: set[str]) -> Team:
        entries = await scim.by_ids(tx.connection, self._tenant, members ^ before)
        if len(entries) < len(members ^ before):
            raise WrongRequest("invalidValue", "members: there is no user with such an id")
        resources: dict[str, dict[str, Any]] = {}
        for entry in entries:
            theirs = set(entry.resource.get(GROUPS, [])) ^ {team}
            without = {key: value for key, value in entry.resource.items() if key != GROUPS}
            resources[entry.reference] = without | ({GROUPS: sorted(theirs)} if theirs else {})
        active = {entry.reference: entry.active for entry in entries}
        wanted = [
            users.wanted_of(reference, resource | {"active": active[reference]})
            for reference, resource in resources.items()
        ]
        elsewhere = {stay.place.team for each in wanted for stay in each.stays or ()} - {team, NO_TEAM}
        await self._say(tx, Said(wanted, [SaidTeam(team, name), *map(SaidTeam, sorted(elsewhere))]))
        await scim.keep(tx.connection, self._tenant, resources)
        return await self._team(tx, team)

    async def _say(self, tx: Transaction, said: Said) -> None:
        await importing.done_in(self._parts, tx, self._tenant, said, self._author)

    async def _user(self, tx: Transaction, user: str) -> Entry:
        found = await scim.by_ids(tx.connection, self._tenant, [user.lower()])
        if not found:
            raise Rejected(Reason.NOT_FOUND, "there is no user with this id")
        return found[0]

    async def _team(self, tx: Transaction, team: str) -> Team:
        found = (await teams.all_of(tx.connection, self._tenant)).get(team)
        if found is None or found.removed:
            raise Rejected(Reason.NOT_FOUND, "there is no group with this id")
        return found
