"""How a client of the run sends a request: until there is an answer, or it gives up.

Each try goes to the other replica; what was sent and answered is the history.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import grpc
from dangol_service_kit.auth import Role

from tests.integration.offers.chaos.platform import Platform
from tests.integration.offers.chaos.requests import method_of, outcome_of
from tests.integration.offers.judging.history import Call, History

_TRY_SECONDS = 3.0
_PAUSE_SECONDS = 0.05
_PAUSE_SECONDS_MAX = 0.8
_TRANSIENT = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
}
# How often a client gives a request up after a try that got no answer.
_GIVE_UP_SHARE = 0.1


class Sender:
    """Writes down what it sends and what it is told."""

    def __init__(self, platform: Platform, history: History, random: Random) -> None:
        self._platform = platform
        self._history = history
        self._random = random
        self._metadata = {role: platform.metadata(role) for role in (Role.PARTNER, Role.ADMIN)}

    async def until_answered(self, call: Call, request: Any, role: Role) -> Any | None:
        """The same request again, to either replica; None when it was given up."""
        self._history.begin(call)
        number = self._random.randrange(2)
        while True:
            method = method_of(self._platform.clients[number], call.step)
            number = 1 - number
            try:
                answer = await method(request, timeout=_TRY_SECONDS, metadata=self._metadata[role])
            except grpc.aio.AioRpcError as error:
                if error.code() not in _TRANSIENT:
                    error.add_note(f"{call.step} {call.request_id}, try {call.lost_tries + 1}")
                    raise
                self._history.lose(call, error.code().name)
                if self._random.random() < _GIVE_UP_SHARE:
                    return None
                pause = min(_PAUSE_SECONDS * 2**call.lost_tries, _PAUSE_SECONDS_MAX)
                await asyncio.sleep(pause * self._random.uniform(0.5, 1.0))
                continue
            self._history.end(call, outcome_of(answer))
            return answer
