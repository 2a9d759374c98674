"""Bodies of requests: bounded while they are read, and the operation that one asks for."""

from __future__ import annotations

from typing import Any

from starlette.types import Message, Receive
from strawberry.http import GraphQLRequestData

BODY_BYTES_MAX = 2 * 1024 * 1024


class TooLargeError(Exception):
    """The body went over BODY_BYTES_MAX."""


def bounded(receive: Receive) -> Receive:
    """The same messages; raises TooLargeError where they come to more than BODY_BYTES_MAX."""
    received = 0

    async def receive_bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY_BYTES_MAX:
            raise TooLargeError
        return message

    return receive_bounded


def operation_in(data: Any) -> GraphQLRequestData | None:
    """The operation that a JSON value asks for; None where it is not as it should be."""
    if not isinstance(data, dict):
        return None
    query, variables, extensions = (data.get(one) for one in ("query", "variables", "extensions"))
    if not isinstance(query, str | None):
        return None
    if not isinstance(variables, dict | None) or not isinstance(extensions, dict | None):
        return None
    return GraphQLRequestData(query, variables, data.get("operationName"), extensions)
