"""How work that waits in the database is looked for: by every replica, until told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from dangol_service_kit.logs import describe, get_logger

_log = get_logger()


async def sweep_until(
    stop: asyncio.Event,
    sweep: Callable[[], Awaitable[object]],
    pause_seconds: float,
    interrupted: str,
) -> None:
    """Sweeps while a sweep answers that it did something, then looks again after a pause.

    Whatever interrupts one, such as an outage, is logged under that name and waited out.
    """
    while not stop.is_set():
        try:
            did_something = True
            while did_something and not stop.is_set():
                did_something = bool(await sweep())
        except Exception as error:
            _log.warning(interrupted, **describe(error))
        try:
            await asyncio.wait_for(stop.wait(), pause_seconds)
        except TimeoutError:
            continue


async def until_done(
    stop: asyncio.Event,
    work: Callable[[], Awaitable[object]],
    again_seconds: float,
    interrupted: str,
) -> None:
    """Does a piece of work until it came through once, or until told to stop.

    Whatever interrupts it, such as an outage, is logged under that name and waited out.
    """
    while not stop.is_set():
        try:
            await work()
        except Exception as error:
            _log.warning(interrupted, **describe(error))
        else:
            return
        try:
            await asyncio.wait_for(stop.wait(), again_seconds)
        except TimeoutError:
            continue
