"""What the routes go through that change something: transactions that may publish, and history derived anew."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from services.analytics.decoding import Key
from services.common.consumer import Transaction

T = TypeVar("T")


class Acts(Protocol):
    """Runs transactions that have an outbox, again from the start when two got in each other's way."""

    async def run(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run one."""


Rederive = Callable[[Transaction, Iterable[Key]], Awaitable[None]]
"""Reads these statements anew and derives them again, in every derivation that is kept."""
DeriveAdditions = Callable[[Transaction, str, Iterable[str]], Awaitable[None]]
"""The same for additions of a tenant, by their ids; one that does not count is taken back."""


@dataclass(frozen=True, slots=True)
class Changing:
    """The parts that those routes share."""

    acting: Acts
    rederive: Rederive
    derive_additions: DeriveAdditions
    new_id: Callable[[], str]
