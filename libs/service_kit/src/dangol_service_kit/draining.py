"""Streams without an end, when the process that serves them ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

from dangol_service_kit.errors import Code, RpcFailure

Item = TypeVar("Item")
_RETRY_AFTER_MS = 100


async def until(leaving: asyncio.Event, items: AsyncIterator[Item]) -> AsyncIterator[Item]:
    """The items, until `leaving` is set; then RpcFailure UNAVAILABLE: go on elsewhere.

    What was taken from `items` before that is always handed on.
    """
    end = asyncio.ensure_future(leaving.wait())
    try:
        while True:
            taking: asyncio.Future[Any] = asyncio.ensure_future(anext(items, _NOTHING))
            try:
                await asyncio.wait({taking, end}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not taking.done():
                    taking.cancel()
                    await asyncio.gather(taking, return_exceptions=True)
            if taking.cancelled():
                message = "this replica ends: call again, with the last resume token if any"
                raise RpcFailure(Code.UNAVAILABLE, message, retry_after_ms=_RETRY_AFTER_MS)
            item = taking.result()
            if item is _NOTHING:
                return
            yield item
    finally:
        end.cancel()
        close = getattr(items, "aclose", None)
        if close is not None:
            await close()


_NOTHING: Any = object()
