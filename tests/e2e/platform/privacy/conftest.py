"""A stack that logs all it can, exports its traces, and holds customers full of canaries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dangol_dev.demo import connect
from dangol_dev.stack import Stack

from tests.e2e.platform.privacy.canaries import Planted, plant
from tests.e2e.platform.privacy.shop import Collector, Shop

CUSTOMERS = 3


@pytest.fixture(scope="module")
async def collector() -> AsyncIterator[Collector]:
    """Where traces go."""
    made = Collector()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(scope="module")
async def shop(
    tmp_path_factory: pytest.TempPathFactory, collector: Collector
) -> AsyncIterator[Shop]:
    """The stack with its tenant."""
    directory: Path = tmp_path_factory.mktemp("privacy")
    environment = {
        "DANGOL_LOG_LEVEL": "debug",
        "DANGOL_OTLP_ENDPOINT": f"http://{collector.target}",
        "DANGOL_ERASURE_SETTLE_SECONDS": "2",
    }
    async with Stack(directory, mongod_cache_gb=0.25, environment=environment) as stack:
        connection = connect(stack)
        made = Shop(stack, connection)
        await made.create()
        yield made
        await connection.close()


@pytest.fixture(scope="module")
async def planted(shop: Shop) -> list[Planted]:
    """Customers with a canary in each sealed kind of place."""
    return [await plant(shop, number) for number in range(CUSTOMERS)]
