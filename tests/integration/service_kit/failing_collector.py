"""A process whose telemetry goes to a collector that fails: `python -m ... closed | "black hole"`.

A process of its own, since the sender goes on trying after its server stopped, and ends only
with its process, as in production.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack

from dangol_dev.processes import free_port

from tests.integration.service_kit.echoing import CALLS, call, call_often, echoing

# How long the sender may take to reach the collector; only so that nothing hangs.
_REACH_SECONDS = 60.0


async def serve_while_it_fails(kind: str) -> None:
    """Every call has to be answered, also those after the collector was reached in vain."""
    reached = asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        while await reader.read(65_536):
            continue
        writer.close()

    async with AsyncExitStack() as stack:
        port = free_port()
        if kind == "black hole":
            hole = await asyncio.start_server(swallow, "127.0.0.1", port)
            stack.callback(hole.close)
        else:
            reached.set()
        async with echoing(f"http://127.0.0.1:{port}") as echo:
            answered = await call_often(echo)
            async with asyncio.timeout(_REACH_SECONDS):
                await reached.wait()
            await call(echo)
        sys.stdout.write(f"answered {answered + 1} of {CALLS + 1}\n")


if __name__ == "__main__":
    asyncio.run(serve_while_it_fails(sys.argv[1]))
