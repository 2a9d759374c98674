"""What is not there is null, not an error."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from dangol_service_kit.errors import RpcFailure
from grpc import StatusCode

T = TypeVar("T")


async def or_none(answer: Awaitable[T]) -> T | None:
    """The answer; None where there is no such thing. Raises RpcFailure for everything else."""
    try:
        return await answer
    except RpcFailure as failure:
        if failure.code.status is StatusCode.NOT_FOUND:
            return None
        raise
