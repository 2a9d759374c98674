"""New epochs by hand, after MongoDB was set back to a backup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from dangol_service_kit import logs

from segmentation_service.partitions import ALL_PARTITIONS
from segmentation_service.recovery import PartitionRecord, Repair
from segmentation_service.service_gate import Gate

# More epochs than can have begun since any backup: what was announced under one of them, and is
# forgotten now, must not have a number that comes again. There are 2^23 of them.
STEP = 1_000

_log = logs.get_logger()


class Records(Protocol):
    """What replicas agree on."""

    async def load_partitions(self) -> dict[int, PartitionRecord]:
        """Every partition's record; none on a fresh installation."""
        ...

    async def save_partitions(self, records: Mapping[int, PartitionRecord]) -> None:
        """Begins repairs; epochs only grow."""
        ...


class Epochs:
    """Nothing in Redis tells that MongoDB went back in time: its state then knows events that
    nobody else has. Whoever restores a backup has to say so."""

    def __init__(self, records: Records, gate: Gate) -> None:
        self._records = records
        self._gate = gate

    async def begin(self) -> int:
        """Has every partition built anew from history, under the epoch answered or a later one."""
        records = await self._records.load_partitions()
        epoch = STEP + max((record.epoch for record in records.values()), default=0)
        broken = {
            partition: replace(
                records.get(partition, PartitionRecord(0)), epoch=epoch, repair=Repair.REBUILD
            )
            for partition in ALL_PARTITIONS
        }
        await self._records.save_partitions(broken)
        _log.warning("epoch_begun", epoch=epoch)
        self._gate.set_epochs(self._gate.epochs, [False] * len(ALL_PARTITIONS))
        self._gate.suspect()
        return epoch
