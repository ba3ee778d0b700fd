"""Who an Agent or Group is: the inverse functional identifier (IFI) and the key made of it.

xAPI 1.0.3 Data 2.4.2. The `name` says nothing about identity; the values count exactly as sent.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def ifi(agent: Mapping[str, Any]) -> str | None:
    """The canonical IFI of a valid Agent or Identified Group: `kind|value`, or `account|homePage|name`.

    None for an Anonymous Group. No two identities share a text: an IRI holds no `|`.
    """
    for kind in ("mbox", "mbox_sha1sum", "openid"):
        if kind in agent:
            return f"{kind}|{agent[kind]}"
    if "account" in agent:
        account = agent["account"]
        return f"account|{account['homePage']}|{account['name']}"
    return None


def actor_key(agent: Mapping[str, Any]) -> str:
    """sha-256 hex of the canonical IFI: the key of a person's identity everywhere in leermix.

    An Anonymous Group has no identity of its own (xAPI: each is distinct), but needs a stable place on the log:
    its key is that of `members|` and the JSON array of its members' IFIs in sorted order, without repetition.
    """
    identity = ifi(agent)
    if identity is None:
        members = sorted({ifi(member) or "" for member in agent.get("member", ())})
        identity = "members|" + json.dumps(members, separators=(",", ":"))
    return hashlib.sha256(identity.encode()).hexdigest()


def mbox_alias(identity: str) -> str | None:
    """The actor_key of the `mbox_sha1sum` that names the same mailbox as this canonical IFI; None without an mbox.

    The sum is that of the whole mailto IRI (xAPI 1.0.3 Data 2.4.2.1). Both identities are one person's.
    """
    kind, _, value = identity.partition("|")
    if kind != "mbox":
        return None
    return actor_key({"mbox_sha1sum": hashlib.sha1(value.encode()).hexdigest()})  # noqa: S324 - what xAPI prescribes
