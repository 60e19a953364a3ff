"""One command for many: what is asked while another question is under way is asked together, as the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class _Asked(Generic[Question, Answer]):
    question: Question
    answer: asyncio.Future[Answer]


class Together(Generic[Question, Answer]):
    """Asks several questions at once. `ask` gives the answers in the order of the questions, or fails for all."""

    def __init__(self, ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]]) -> None:
        self._ask = ask
        self._waiting: list[_Asked[Question, Answer]] = []
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer:
        """Its answer. Whoever is cancelled while waiting has asked all the same."""
        asked: _Asked[Question, Answer] = _Asked(question, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_all())
        return await asked.answer

    async def _ask_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                await self._ask_group(group)
        finally:
            self._asking = None

    async def _ask_group(self, group: Sequence[_Asked[Question, Answer]]) -> None:
        try:
            answers = await self._ask([asked.question for asked in group])
        except Exception as error:  # noqa: BLE001 - those who wait are told, whatever it was
            for asked in group:
                if not asked.answer.done():  # whoever asked was cancelled
                    asked.answer.set_exception(error)
            return
        for asked, answer in zip(group, answers, strict=True):
            if not asked.answer.done():
                asked.answer.set_result(answer)
