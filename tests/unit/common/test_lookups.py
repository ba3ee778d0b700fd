"""Lookups: many who ask, few questions, and nobody is told what was true before they asked."""

import asyncio
import time

import pytest

from services.common.access.lookups import Lookups


class Asked:
    """Answers each key with its length, after a moment; counts the questions."""

    def __init__(self) -> None:
        self.questions: list[list[str]] = []
        self.at_once = self.most_at_once = 0

    async def __call__(self, keys: list[str]) -> dict[str, int]:
        self.questions.append(keys)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.01)
        self.at_once -= 1
        return {key: len(key) for key in keys if key != "unknown"}


async def test_those_who_ask_at_once_share_a_question() -> None:
    asked = Asked()
    lookups = Lookups(asked, pause=0.05)
    answers = await asyncio.gather(*(lookups.find(key) for key in ["a", "bb", "unknown", "bb"] * 50))
    assert answers == [1, 2, None, 2] * 50
    assert asked.questions == [["a", "bb", "unknown"]]


async def test_questions_come_one_at_a_time_and_not_too_often() -> None:
    asked = Asked()
    lookups = Lookups(asked, pause=0.05)

    async def guess(number: int) -> None:
        await asyncio.sleep(0.3 * number / 300)
        assert await lookups.find(f"{number:03d}") == 3

    await asyncio.gather(*(guess(number) for number in range(300)))
    assert len(asked.questions) <= 8
    assert asked.most_at_once == 1


async def test_who_asks_during_a_question_gets_the_answer_to_the_next() -> None:
    asked = Asked()
    lookups = Lookups(asked, pause=0)
    early = asyncio.create_task(lookups.find("key"))
    await asyncio.sleep(0.005)
    await lookups.find("key")
    assert await early == 3
    assert asked.questions == [["key"], ["key"]]


async def test_the_first_is_not_made_to_wait() -> None:
    lookups = Lookups(Asked(), pause=5)
    began = time.monotonic()
    assert await lookups.find("key") == 3
    assert time.monotonic() - began < 1


async def test_a_failure_reaches_all_and_the_next_question_is_asked() -> None:
    failing = True

    async def ask(keys: list[str]) -> dict[str, int]:
        if failing:
            raise OSError("away")
        return dict.fromkeys(keys, 1)

    lookups = Lookups(ask, pause=0)
    failures = await asyncio.gather(lookups.find("a"), lookups.find("b"), return_exceptions=True)
    assert [type(each) for each in failures] == [OSError, OSError]
    failing = False
    assert await lookups.find("a") == 1


async def test_one_who_gives_up_does_not_take_the_answer_from_another() -> None:
    lookups = Lookups(Asked(), pause=0)
    impatient, patient = asyncio.create_task(lookups.find("a")), asyncio.create_task(lookups.find("a"))
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert await patient == 1
