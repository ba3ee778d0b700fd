"""Who two persons may be: pairs worth a human's look, each with its reason. Nothing here joins anybody."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from services.analytics.domain.people.identity import key_of
from services.analytics.domain.people.state import Known

Reason = Literal["account_name", "address_case"]


@dataclass(frozen=True, slots=True)
class Likely:
    """A person on the roster, and somebody known by an identity that looks like theirs."""

    reference: str
    person: str
    key: str
    reason: Reason
    kind: str


def likely(roster: Iterable[Known], home_pages: Iterable[str]) -> list[Likely]:
    """Return the identities that nobody told, but that people on the roster would have.

    An account whose name equals the local part of somebody's address, where only one has it, in each system whose
    homePage is known; and an address in lower case. Who is known by such a key, if anybody, only a table can tell.
    """
    known = list(roster)
    pages = sorted({*home_pages, *_home_pages(known)})
    found = [
        Likely(each.reference, each.person, key_of(f"account|{page}|{name}"), "account_name", "account")
        for name, each in sorted(_unique_local_parts(known).items())
        for page in pages
    ]
    found += [
        Likely(each.reference, each.person, key_of(ifi.lower()), "address_case", "mbox")
        for each in known
        for ifi in each.identities
        if ifi.startswith("mbox|") and ifi.lower() != ifi
    ]
    told = {key_of(ifi) for each in known for ifi in each.identities}
    return [each for each in found if each.key not in told]


def _unique_local_parts(roster: Iterable[Known]) -> Mapping[str, Known]:
    having: dict[str, dict[str, Known]] = defaultdict(dict)
    for each in roster:
        for ifi in each.identities:
            kind, _, value = ifi.partition("|")
            if kind == "mbox":
                local = value.removeprefix("mailto:").partition("@")[0]
                having[local][each.person] = each
    return {name: next(iter(people.values())) for name, people in having.items() if len(people) == 1}


def _home_pages(roster: Iterable[Known]) -> set[str]:
    return {ifi.split("|", 2)[1] for each in roster for ifi in each.identities if ifi.startswith("account|")}
