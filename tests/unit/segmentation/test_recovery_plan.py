"""How a partition that may have lost something is made whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from segmentation_service.recovery import (
    Meta,
    Node,
    PartitionRecord,
    Repair,
    StoreRecord,
    is_under_way,
    judge,
)

HOUR_MS = 3_600_000
NOW_MS = 100 * HOUR_MS
ALIVE_MS = NOW_MS - 1_000
KNOWN = Node("a", "run1", "repl1", "0", serves=True)
OTHER = Node("b", "run2", "repl2", "0", serves=True)
RECORD = PartitionRecord(3, None, KNOWN.identity, since_ms=HOUR_MS)
STORE = StoreRecord("g", {KNOWN.identity: ALIVE_MS, OTHER.identity: ALIVE_MS})
RESTARTED = replace(KNOWN, run_id="run3")
PROMOTED = Node("c", "run4", "repl4", "repl1", serves=True)


@pytest.mark.parametrize(
    ("meta", "node", "expected"),
    [
        (Meta(3, ready=True), KNOWN, None),
        (Meta(3, ready=True), OTHER, None),
        (Meta(2, ready=True), KNOWN, Repair.REBUILD),
        (Meta(0, ready=False), KNOWN, Repair.REBUILD),
        (Meta(3, ready=True), RESTARTED, Repair.REPLAY),
        (Meta(3, ready=True), replace(KNOWN, replication_id="repl9"), Repair.REPLAY),
        (Meta(3, ready=True), PROMOTED, Repair.REPLAY),
        (Meta(3, ready=True), replace(PROMOTED, previous_replication_id="x"), Repair.REBUILD),
        (Meta(0, ready=False), PROMOTED, Repair.REBUILD),
    ],
    ids=[
        "as it was",
        "moved to a known node",
        "another epoch",
        "emptied",
        "restarted",
        "demoted and promoted again",
        "its replica promoted",
        "a stranger",
        "a replica that was empty",
    ],
)
def test_who_serves_a_partition_tells_what_may_be_lost(
    meta: Meta, node: Node, expected: Repair | None
) -> None:
    """The last second of a known history is made good; anything else is built anew."""
    assert expected == judge(RECORD, meta, node, STORE, NOW_MS)


def test_without_a_cluster_any_other_process_is_its_successor() -> None:
    """A single Redis has no lasting name: whatever answers there now took its place."""
    known, other = (replace(node, node_id="") for node in (KNOWN, RESTARTED))
    record = replace(RECORD, node=known.identity)
    store = StoreRecord("g", {known.identity: ALIVE_MS})
    assert judge(record, Meta(3, ready=True), other, store, NOW_MS) is Repair.REPLAY


@pytest.mark.parametrize(
    ("record", "alive_ms"),
    [
        (RECORD, NOW_MS - HOUR_MS),
        (replace(RECORD, since_ms=ALIVE_MS - 5_000), ALIVE_MS),
        (replace(RECORD, node="unknown/run/repl"), ALIVE_MS),
        (replace(RECORD, repair=Repair.REBUILD), ALIVE_MS),
    ],
    ids=["long away", "filled just before", "never seen whole", "being rebuilt"],
)
def test_in_doubt_it_is_built_anew(record: PartitionRecord, alive_ms: int) -> None:
    """A replay of what was touched lately only suffices after a known, short, settled past."""
    store = StoreRecord("g", {KNOWN.identity: alive_ms})
    assert judge(record, Meta(3, ready=True), RESTARTED, store, NOW_MS) is Repair.REBUILD


def test_a_repair_goes_on_where_nothing_was_lost_since_it_began() -> None:
    """Under the same epoch on the same process; else it begins again."""
    begun = replace(RECORD, repair=Repair.REPLAY, whole_ms=ALIVE_MS)
    meta = Meta(3, ready=False)
    assert judge(begun, meta, KNOWN, STORE, NOW_MS) is Repair.REPLAY
    assert is_under_way(begun, meta, KNOWN)
    assert not is_under_way(begun, meta, RESTARTED)
    assert not is_under_way(begun, Meta(4, ready=False), KNOWN)
    assert not is_under_way(RECORD, meta, KNOWN)
