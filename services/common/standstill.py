"""A group that has stopped by itself: it goes on when an operator says so, which its rows of positions tell.

So the word reaches every member that has stopped, wherever it runs and whatever the log is made of, and no process has
to be started again.
"""

from services.common.backoff import pause
from services.common.database import is_away
from services.common.errors import PositionOutOfRange
from services.common.positions import Positions

_LOOK_SECONDS = 2.0  # how soon a member sees it


class Standstill:
    """One member's stop, from `begin` to `end`."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._outside: PositionOutOfRange | None = None
        self._resumes: int | None = None

    async def begin(self, outside: PositionOutOfRange | None) -> None:
        """Remember what the rows say now, so that only what is said from now on counts."""
        self._outside, self._resumes = outside, None
        await self._ended()

    async def end(self) -> None:
        """Return when the group was resumed, or its position is no longer the one that lies outside the log."""
        while True:
            await pause(_LOOK_SECONDS)
            if await self._ended():
                return

    async def _ended(self) -> bool:
        try:
            if self._outside is not None:
                position = await self._positions.stands_at(self._outside.topic, self._outside.partition)
                if position != self._outside.position:
                    return True
            resumes = await self._positions.resumes()
        except Exception as error:
            if not is_away(error):
                raise
            return False
        if self._resumes is None:
            self._resumes = resumes
        return resumes != self._resumes
