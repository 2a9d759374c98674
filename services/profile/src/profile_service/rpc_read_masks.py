"""What of a customer a reader asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit import read_masks

# What is not in the customer's own document.
_ELSEWHERE: Final = frozenset(
    {
        *("identifier_namespaces", "first_seen", "last_seen", "last_purchase"),
        *("order_count", "revenue"),
    }
)
_ALWAYS: Final = frozenset({"customer_id", "version"})


def read_mask(paths: Sequence[str]) -> frozenset[str]:
    """The fields asked for; none is all. Raises RpcFailure FIELD_INVALID for what is no field."""
    return read_masks.read_mask(paths, pb.Customer.DESCRIPTOR.fields_by_name)


def needs_all(mask: frozenset[str]) -> bool:
    """Whether more has to be read than the customers' own documents."""
    return not mask or not mask.isdisjoint(_ELSEWHERE)


def masked(found: Sequence[pb.Customer], mask: frozenset[str]) -> Sequence[pb.Customer]:
    """Each with nothing but what was asked for, and who it is; the same objects."""
    return read_masks.masked(found, mask, _ALWAYS)
