"""What may have been lost of a partition, judged from who serves it. Pure.

A partition is whole when Redis and MongoDB agree on its epoch and the node that serves it is the
process that is known. An emptied node has no epochs: its partitions are built from all histories.
A restarted or promoted one may have lost its last second: customers touched lately are replayed.
Whatever else happened is not looked into: the partition is built anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

# Profile keeps completed intents for an hour: what was touched before an outage as long as this
# is not known any more.
OUTAGE_MAX_MS = 50 * 60 * 1000
# Far more than the second that a crash or a failover may lose.
SETTLED_MS = 60_000


class Repair(Enum):
    """How a partition is made whole."""

    # From all histories.
    REBUILD = "rebuild"
    # Only the customers touched lately: the last second was lost, the rest is there.
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class Node:
    """A running Redis process.

    node_id: its lasting name in a cluster, "" outside of one. replication_id changes when it is
    promoted; previous_replication_id then tells whose replica it was. serves: it may be written.
    """

    node_id: str
    run_id: str
    replication_id: str
    previous_replication_id: str
    serves: bool

    @property
    def identity(self) -> str:
        """Changes whenever it may have lost something."""
        return f"{self.node_id}/{self.run_id}/{self.replication_id}"


@dataclass(frozen=True, slots=True)
class Meta:
    """What Redis says of a partition; epoch 0 when it knows nothing of it."""

    epoch: int
    ready: bool


@dataclass(frozen=True, slots=True)
class PartitionRecord:
    """What MongoDB says of a partition.

    repair: how it is being repaired, None when it is whole. node: identity of who serves it.
    since_ms: since when it is complete there. whole_ms: while it is being repaired, when it was
    last seen whole. again_ms: customers touched since then are to be replayed once more, when a
    process that served it before cannot have been used any longer; 0 for none.
    """

    epoch: int
    repair: Repair | None = None
    node: str = ""
    since_ms: int = 0
    whole_ms: int = 0
    again_ms: int = 0


@dataclass(frozen=True, slots=True)
class StoreRecord:
    """What MongoDB says of Redis: the generation of the scripts, and by identity of each known
    node when it was last seen whole."""

    generation: str = ""
    alive_ms: Mapping[str, int] = field(default_factory=dict)

    def whole_ms(self, record: PartitionRecord) -> int:
        """When a partition was last seen whole; 0 for never."""
        return record.whole_ms if record.repair else self.alive_ms.get(record.node, 0)


def judge(
    record: PartitionRecord, meta: Meta, node: Node, store: StoreRecord, now_ms: int
) -> Repair | None:
    """How a partition has to be made whole; None when it is."""
    if meta.epoch != record.epoch or record.repair is Repair.REBUILD:
        return Repair.REBUILD
    repair: Repair | None
    if node.identity == record.node:
        repair = record.repair
    elif record.repair is None and node.identity in store.alive_ms:
        # A known node took it over from another one, all of it.
        repair = None
    elif _succeeds(node, record.node):
        repair = Repair.REPLAY
    else:
        repair = Repair.REBUILD
    if repair is Repair.REPLAY:
        whole_ms = store.whole_ms(record)
        # What had just arrived when it was lost need not have been touched lately.
        if now_ms - whole_ms > OUTAGE_MAX_MS or whole_ms - record.since_ms < SETTLED_MS:
            return Repair.REBUILD
    return repair


def is_under_way(record: PartitionRecord, meta: Meta, node: Node) -> bool:
    """Whether a repair that was begun can be gone on with: nothing was lost since."""
    return record.repair is not None and meta.epoch == record.epoch and node.identity == record.node


def _succeeds(node: Node, known: str) -> bool:
    """Whether a node is the known one after a restart, or was its replica."""
    node_id, _, rest = known.partition("/")
    if node_id == node.node_id:
        return bool(known)
    return rest.partition("/")[2] == node.previous_replication_id
