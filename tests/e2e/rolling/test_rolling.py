"""Every process of every service is restarted under load, and nobody notices.

The short form, in which each service is replaced once, is in tests/e2e/operations.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from dangol_dev.stack import SERVICES, Stack

from tests.e2e.rolling.judging import Demand, serve_while
from tests.e2e.rolling.shop import Shop

# Clients are asked to connect anew all the time, so that this is under way whenever a process ends.
CONNECTION_AGE_SECONDS = 3
ALL = tuple(f"{name}{end}" for name in SERVICES for end in ("", "-2"))
TURNS = 3
_GRACE_SECONDS = 45.0


async def _restart(stack: Stack, name: str) -> int | None:
    """Restarts one process, as a rollout does; its exit code."""
    process = stack.processes[name]
    await process.stop(_GRACE_SECONDS)
    code = process.exit_code
    process.start()
    await stack.wait_service(name)
    return code


@pytest.mark.deep
@pytest.mark.timeout(1_200)
async def test_restarting_every_process_under_load_fails_no_call(
    tmp_path: Path, *, pytestconfig: pytest.Config
) -> None:
    """No failed call, no lost or doubled event, each coupon issued, held and redeemed once, and
    watchers told of everything."""
    age = {"DANGOL_CONNECTION_AGE_SECONDS": str(CONNECTION_AGE_SECONDS)}
    stack = Stack(tmp_path, replicas=2, environment=age)
    codes: list[int | None] = []

    async def roll() -> None:
        for name in ALL * TURNS:
            codes.append(await _restart(stack, name))

    async with stack, AsyncExitStack() as exits:
        shop = Shop(stack, exits)
        await shop.found()
        gateways = [stack.addresses["gateway"], stack.addresses["gateway-2"]]
        told = await serve_while(roll, shop, gateways, Demand(workers=4))
    pytestconfig.get_terminal_writer().line(f"\n{len(codes)} restarts in {told}")
    assert [0] * len(ALL) * TURNS == codes
