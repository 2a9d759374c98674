"""Calling the scripts: one round trip for many calls to a node, and whom to ask again."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from dangol_service_kit import logs
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.redis_address import parse_address
from dangol_service_kit.telemetry import client_span
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MovedError,
    NoScriptError,
    ResponseError,
    TryAgainError,
)

from segmentation_service.store_redis_node import NodeSilentError, RedisNode
from segmentation_service.store_redis_topology import Topology

SCRIPTS = (
    "read",
    "apply",
    "take_due",
    "outbox",
    "counts",
    "members",
    "overlap",
    "backlog",
    "publish_rules",
    "mark_ready",
)
_ATTEMPTS = 5
_PAUSE_SECONDS = 0.02
_SILENT = NodeSilentError()
# A node that refuses like this did nothing: it may not write, or not now.
_REFUSALS = ("READONLY", "MASTERDOWN", "NOREPLICAS", "OOM", "MISCONF", "UNBLOCKED")

_log = logs.get_logger()

ScriptCall = tuple[str, Sequence[str], Sequence[Any]]
# The key by which it is routed, and the command.
Routed = tuple[str, tuple[Any, ...]]


class StoreUnavailableError(RpcFailure):
    """Redis cannot be reached, or answers nothing yet. Callers of ours are told to wait."""

    def __init__(self) -> None:
        super().__init__(Code.NOT_READY, "state cannot be read now", retry_after_ms=1_000)


def load_scripts() -> dict[str, str]:
    """The scripts' texts by name."""
    folder = files("segmentation_service") / "scripts"
    return {name: (folder / f"{name}.lua").read_text("utf-8") for name in SCRIPTS}


class ScriptClient:
    """Calls scripts and plain commands, many in one round trip and never a second time.

    Only what a node refused before doing anything (it does not serve that slot, or not now) is
    sent again, a few times. A request whose answer was lost is decided again on a fresh read by
    whoever made it.

    Scripts belong to a generation, which stands in their text: a node that was not looked at by
    the latest recovery knows no script of it.
    """

    def __init__(self, url: str, silence_seconds: float | None = None) -> None:
        """silence_seconds: after how long a node counts as silent; None for the usual time."""
        self.topology = Topology(parse_address(url), silence_seconds)
        self.generation = ""
        self._texts = load_scripts()
        self._shas: dict[str, str] = {}

    async def close(self) -> None:
        """Closes every connection."""
        await self.topology.close()

    def texts(self, generation: str) -> Mapping[str, str]:
        """The scripts of a generation by name."""
        return {name: f"-- {generation}\n{text}" for name, text in self._texts.items()}

    def use(self, generation: str) -> None:
        """From now on calls those of this generation."""
        if generation == self.generation:
            return
        self._shas = {
            name: hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
            for name, text in self.texts(generation).items()
        }
        self.generation = generation

    async def call(self, calls: Iterable[ScriptCall]) -> list[Any]:
        """Each script's answer; None where the node is silent or does not know the scripts."""
        calls = list(calls)
        if not calls:
            return []
        if not self._shas:
            # Recovery has not looked at Redis yet.
            return [None for _ in calls]
        commands = [
            (keys[0], ("EVALSHA", self._shas[name], len(keys), *keys, *arguments))
            for name, keys, arguments in calls
        ]
        with client_span(f"EVALSHA {calls[0][0]}", _facts("EVALSHA", len(calls))):
            replies = await self._route(commands)
        for reply in replies:
            if isinstance(reply, ResponseError) and not isinstance(reply, NoScriptError):
                raise reply
        return [
            None if isinstance(reply, NoScriptError | NodeSilentError) else reply
            for reply in replies
        ]

    async def execute(
        self, commands: Sequence[tuple[Any, ...]], key: str | None = None
    ) -> list[Any]:
        """Each command's answer; without `key` the first argument of each is its key.

        Raises StoreUnavailableError, though some may be done then.
        """
        operation = str(commands[0][0]) if commands else "nothing"
        with client_span(operation, _facts(operation, len(commands))):
            replies = await self._route([(key or str(one[1]), one) for one in commands])
        for reply in replies:
            if isinstance(reply, NodeSilentError):
                raise StoreUnavailableError
            if isinstance(reply, ResponseError):
                raise reply
        return replies

    async def _route(self, commands: Sequence[Routed]) -> list[Any]:
        """Each command's answer, the node's ResponseError, or NodeSilentError."""
        replies: list[Any] = [_SILENT] * len(commands)
        # Whom to ask instead of the slot's master, while a slot is on its way.
        remaining: dict[int, RedisNode | None] = dict.fromkeys(range(len(commands)))
        for attempt in range(_ATTEMPTS):
            if attempt:
                await asyncio.sleep(_PAUSE_SECONDS * attempt)
            groups: dict[RedisNode, list[int]] = {}
            for position, asked in remaining.items():
                node = asked or await self.topology.node_of(commands[position][0])
                if node is not None:
                    groups.setdefault(node, []).append(position)
            answers = await asyncio.gather(
                *(
                    _exchange(node, [(commands[p][1], remaining[p] is not None) for p in positions])
                    for node, positions in groups.items()
                )
            )
            again: dict[int, RedisNode | None] = {}
            for (node, positions), answer in zip(groups.items(), answers, strict=True):
                for position, reply in zip(positions, answer, strict=True):
                    replies[position] = self._judge(node, position, reply, again)
            if not again:
                break
            remaining = again
        return replies

    def _judge(
        self, node: RedisNode, position: int, reply: Any, again: dict[int, RedisNode | None]
    ) -> Any:
        """The reply; a silence where the node did nothing, noted if it is worth asking again."""
        if not isinstance(reply, ResponseError) or isinstance(reply, NoScriptError):
            return reply
        if isinstance(reply, AskError):
            there = self.topology.node_at(reply.host or node.host, reply.port)
            if isinstance(reply, MovedError):
                self.topology.move(reply.slot_id, there)
                again[position] = None
            else:
                again[position] = there
            return _SILENT
        if isinstance(reply, TryAgainError):
            again[position] = None
            return _SILENT
        refusal = str(reply.status_code or str(reply).split(" ")[0])
        if isinstance(reply, ClusterDownError) or refusal in _REFUSALS:
            _log.warning("redis_refused", port=node.port, reason=refusal)
            return _SILENT
        return reply


def _facts(operation: str, count: int) -> dict[str, str | int]:
    """Attributes of a span, by OpenTelemetry's conventions."""
    return {
        "db.system.name": "redis",
        "db.operation.name": operation,
        "db.operation.batch.size": count,
    }


async def _exchange(node: RedisNode, commands: Sequence[tuple[tuple[Any, ...], bool]]) -> list[Any]:
    """Answers of one node; those marked are asked of one to whom the slot is just moving."""
    sent: list[tuple[Any, ...]] = []
    for command, moving in commands:
        if moving:
            sent.append(("ASKING",))
        sent.append(command)
    try:
        replies = iter(await node.exchange(sent))
    except NodeSilentError:
        return [_SILENT] * len(commands)
    answers = []
    for _, moving in commands:
        if moving:
            next(replies)
        answers.append(next(replies))
    return answers
