"""Page tokens: positions in a list, opaque to clients."""

from __future__ import annotations

import base64
import binascii

from dangol_service_kit.errors import Code, RpcFailure


def to_token(kind: str, *parts: str) -> str:
    """A token for one kind of list; parts must not contain newlines."""
    text = "\n".join((kind, *parts))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def from_token(kind: str, token: str, count: int) -> tuple[str, ...] | None:
    """The parts of a token, None for an empty one. Raises RpcFailure PAGE_TOKEN_INVALID."""
    if not token:
        return None
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except (binascii.Error, ValueError):
        raise invalid() from None
    found_kind, *parts = text.split("\n")
    if found_kind != kind or len(parts) != count:
        raise invalid()
    return tuple(parts)


def to_position(kind: str, at_ms: int, key: bytes) -> str:
    """A token for a list in order of (time, key)."""
    return to_token(kind, str(at_ms), key.hex())


def from_position(kind: str, token: str) -> tuple[int, bytes] | None:
    """The position, None for an empty token. Raises RpcFailure PAGE_TOKEN_INVALID."""
    parts = from_token(kind, token, 2)
    if parts is None:
        return None
    try:
        at_ms = int(parts[0])
        key = bytes.fromhex(parts[1])
    except ValueError:
        raise invalid() from None
    if not -(2**62) < at_ms < 2**62:
        raise invalid()
    return at_ms, key


def invalid() -> RpcFailure:
    """For a token that is none of ours, or of another list."""
    return RpcFailure(
        Code.PAGE_TOKEN_INVALID, "send the token of the last page as it was", field="page_token"
    )
