"""Customers are spread over 64 partitions, each with its own epoch, outbox and deadlines."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

PARTITION_COUNT = 64
ALL_PARTITIONS = range(PARTITION_COUNT)
_NUMBER_BITS = 40
_NUMBER_MASK = (1 << _NUMBER_BITS) - 1


def partition_of(tenant_id: str, customer_id: str) -> int:
    """The partition, 0 to 63, that holds a customer."""
    return crc32(f"{tenant_id}/{customer_id}".encode()) % PARTITION_COUNT


def group_by_partition(tenant_id: str, customer_ids: Iterable[str]) -> dict[int, list[str]]:
    """The customers of each partition, in the order given."""
    groups: dict[int, list[str]] = {}
    for customer_id in customer_ids:
        groups.setdefault(partition_of(tenant_id, customer_id), []).append(customer_id)
    return groups


def sequence_of(epoch: int, number: int) -> int:
    """Where an announcement stands: later epochs come after all of earlier ones."""
    return (epoch << _NUMBER_BITS) | number


def epoch_of(sequence: int) -> int:
    """The epoch in which a sequence was given."""
    return sequence >> _NUMBER_BITS


def number_of(sequence: int) -> int:
    """The number of a sequence within its epoch, from 1."""
    return sequence & _NUMBER_MASK
