"""What the driver sends to MongoDB and gets back: calls, documents, bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bson
from pymongo import monitoring

_WRITES = frozenset({"insert", "update", "delete"})
_READS = frozenset({"find", "getMore", "aggregate"})


@dataclass
class Traffic:
    """calls are round trips; documents read came back from the server, written ones changed there;
    bytes are of the BSON of commands and replies."""

    calls: int = 0
    read: int = 0
    written: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0


class Counting(monitoring.CommandListener):
    """Counts reads and writes of a client between two calls of `take`."""

    def __init__(self) -> None:
        self._traffic = Traffic()

    def take(self) -> Traffic:
        """What there was since the last time."""
        taken, self._traffic = self._traffic, Traffic()
        return taken

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """A command goes out."""
        if event.command_name in _WRITES | _READS:
            self._traffic.calls += 1
            self._traffic.sent_bytes += len(bson.encode(event.command))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Its reply is here."""
        reply: Any = event.reply
        if event.command_name in _READS:
            cursor = reply["cursor"]
            self._traffic.read += len(cursor.get("firstBatch", cursor.get("nextBatch", ())))
        elif event.command_name in _WRITES:
            self._traffic.written += int(reply["n"])
        else:
            return
        self._traffic.received_bytes += len(bson.encode(reply))

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Whoever sent it hears of it."""
