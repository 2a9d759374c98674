"""Global ids: one id that names an object's type too, for caches and refetching (ADR 0060)."""

from __future__ import annotations

import base64
import binascii

import strawberry
from dangol_service_kit.errors import Code, RpcFailure

from gateway_service.fields import resolver

_ID_MAX = 512


@strawberry.interface(description="What can be asked for again by one id.")
class Node:
    """By `node` and `nodes`."""

    id: strawberry.ID = strawberry.field(description="Its own id, within its type.")

    @resolver("Its global id: send it to `node` to ask for it again.")
    def node_id(self) -> strawberry.ID:
        """Opaque."""
        return to_node_id(type(self).__name__, self.id)


def to_node_id(kind: str, own_id: str) -> strawberry.ID:
    """The global id of a type's object."""
    return strawberry.ID(
        base64.urlsafe_b64encode(f"{kind}:{own_id}".encode()).rstrip(b"=").decode()
    )


def from_node_id(node_id: str) -> tuple[str, str]:
    """Type and own id. Raises RpcFailure FIELD_INVALID for what is no global id."""
    try:
        if len(node_id) > _ID_MAX:
            raise ValueError
        padded = node_id + "=" * (-len(node_id) % 4)
        kind, separator, own_id = base64.urlsafe_b64decode(padded).decode().partition(":")
        if not separator or not own_id or to_node_id(kind, own_id) != node_id:
            raise ValueError
    except (ValueError, binascii.Error):
        text = "send a nodeId as it was answered"
        raise RpcFailure(Code.FIELD_INVALID, text, field="nodeId") from None
    return kind, own_id
