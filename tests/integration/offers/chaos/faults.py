"""What is done to the platform while clients use it: one thing at a time, then it may recover."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from dangol_dev.processes import ChildProcess
from dangol_dev.stack import Replica

from tests.integration.offers.chaos.platform import Platform

_DOWN_SECONDS = 0.5
# Longer than an election takes, so that a new primary is there when the old one wakes up.
_PAUSED_PRIMARY_SECONDS = 5.0
_PAUSED_SERVICE_SECONDS = 2.0


class Faults:
    """Each fault is whole: what was ended or stopped runs again when it returns."""

    def __init__(self, platform: Platform, seed: int) -> None:
        self._platform = platform
        self._random = Random(seed)
        self.done: list[str] = []
        self._kinds: dict[str, Callable[[], Awaitable[None]]] = {
            "kill -9 of a replica of offers": self._kill_service,
            "kill -9 of the primary": self._kill_primary,
            "SIGSTOP of a replica of offers": self._pause_service,
            "both replicas of offers killed": self._kill_both,
            "SIGSTOP of the primary": self._pause_primary,
            "restart of a replica of offers": self._restart_service,
            "kill -9 of a secondary": self._kill_secondary,
        }

    async def strike(self) -> str:
        """The next fault in turn."""
        names = list(self._kinds)
        name = names[len(self.done) % len(names)]
        await self._kinds[name]()
        self.done.append(name)
        return name

    def _replicas(self) -> list[Replica]:
        own = self._platform.stack
        first = Replica(own.processes["offers"], own.targets["offers"])
        return [first, self._platform.second]

    async def _kill_service(self) -> None:
        victim = self._random.choice(self._replicas())
        victim.process.kill()
        await asyncio.sleep(_DOWN_SECONDS)
        await victim.start()

    async def _kill_both(self) -> None:
        for victim in self._replicas():
            victim.process.kill()
        for victim in self._replicas():
            await victim.start()

    async def _restart_service(self) -> None:
        victim = self._random.choice(self._replicas())
        await victim.process.stop()
        await victim.start()

    async def _pause_service(self) -> None:
        await _pause(self._random.choice(self._replicas()).process, _PAUSED_SERVICE_SECONDS)

    async def _kill_primary(self) -> None:
        await self._kill_node(await self._platform.mongodb.primary())

    async def _kill_secondary(self) -> None:
        primary = await self._platform.mongodb.primary()
        others = [number for number in range(3) if number != primary]
        await self._kill_node(self._random.choice(others))

    async def _kill_node(self, number: int) -> None:
        node = self._platform.mongodb.nodes[number]
        node.kill()
        await asyncio.sleep(_DOWN_SECONDS)
        node.start()
        await self._platform.mongodb.whole()

    async def _pause_primary(self) -> None:
        primary = await self._platform.mongodb.primary()
        await _pause(self._platform.mongodb.nodes[primary], _PAUSED_PRIMARY_SECONDS)
        await self._platform.mongodb.whole()


async def _pause(process: ChildProcess, seconds: float) -> None:
    process.pause()
    try:
        await asyncio.sleep(seconds)
    finally:
        process.resume()
