"""A database whose writes may fail: as a network does, or as a process that is killed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pymongo.errors import AutoReconnect

_WRITES = frozenset(
    {
        *("insert_one", "insert_many", "update_one", "update_many", "replace_one"),
        *("find_one_and_update", "delete_many"),
    }
)
_READS = frozenset({"find_one", "find", "aggregate", "count_documents"})


class KilledError(Exception):
    """The process is no more: nothing that it would have done after this happens."""


class Fate(StrEnum):
    """What becomes of one write."""

    # The network broke on the way there, or after it; the process lives.
    NOT_SENT = "not_sent"
    ANSWER_LOST = "answer_lost"
    # The process was killed before, after, or half-way through many documents.
    KILLED_BEFORE = "killed_before"
    KILLED_HALF = "killed_half"
    KILLED_AFTER = "killed_after"


@dataclass
class Faults:
    """The write after `writes_left` others meets its fate; None for never. struck: how many did."""

    writes_left: int | None = None
    fate: Fate = Fate.NOT_SENT
    dead: bool = False
    struck: int = 0

    async def write(
        self, perform: Callable[..., Awaitable[Any]], arguments: tuple[Any, ...], named: Any
    ) -> Any:
        """Performs a write, unless fate has it otherwise."""
        self.look_alive()
        if self.writes_left is None:
            return await perform(*arguments, **named)
        if self.writes_left > 0:
            self.writes_left -= 1
            return await perform(*arguments, **named)
        self.writes_left = None
        self.struck += 1
        self.dead = self.fate.startswith("killed")
        if self.fate in (Fate.ANSWER_LOST, Fate.KILLED_AFTER):
            await perform(*arguments, **named)
        elif self.fate is Fate.KILLED_HALF and perform.__name__ == "insert_many":
            documents = arguments[0][: len(arguments[0]) // 2]
            if documents:
                await perform(documents, **named)
        self.look_alive()
        raise AutoReconnect(self.fate.value)

    def look_alive(self) -> None:
        """Raises KilledError for a process that is no more."""
        if self.dead:
            raise KilledError


class FaultyDatabase:
    """Names collections."""

    def __init__(self, database: Any, faults: Faults) -> None:
        self._database = database
        self._faults = faults

    def __getitem__(self, name: str) -> FaultyCollection:
        return FaultyCollection(self._database[name], self._faults)


class FaultyCollection:
    """A collection of the driver's, but for its writes."""

    def __init__(self, collection: Any, faults: Faults) -> None:
        self._collection = collection
        self._faults = faults

    def with_options(self, **options: Any) -> FaultyCollection:
        """The same under other concerns."""
        return FaultyCollection(self._collection.with_options(**options), self._faults)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._collection, name)
        if name in _WRITES:

            async def write(*arguments: Any, **named: Any) -> Any:
                return await self._faults.write(method, arguments, named)

            return write
        if name in _READS:
            self._faults.look_alive()
        return method
